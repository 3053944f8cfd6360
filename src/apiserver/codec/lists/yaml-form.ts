/** A list in YAML: keys in order, so that some of the list stands before its items and some behind them. */

import type { ListMeta } from '#api/meta/object.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import type { ListForm } from '../../list-encodings/form.ts';
import type { ListShape } from './list-shape.ts';

/** Writing YAML takes ten times as long as JSON. */
const stepBytes = 8 * 1024;

export function yamlForm(shape: ListShape): ListForm {
  const emptyItems = `${shape.itemsField}: []\n`;
  const around = (metadata: ListMeta): [before: string, behind: string] => {
    const text = toYaml({ ...shape.list(metadata), [shape.itemsField]: [] });
    const at = text.startsWith(emptyItems) ? 0 : text.indexOf(`\n${emptyItems}`) + 1;
    return [text.slice(0, at), text.slice(at + emptyItems.length)];
  };
  return {
    key: `${shape.key}|yaml`,
    contentType: 'application/yaml',
    stepBytes,
    hasKnownLength: false,
    items: (entries) => Buffer.from(toYaml(entries.map(shape.item))),
    head: (metadata, itemsBytes) =>
      Buffer.from(`${around(metadata)[0]}${itemsBytes === 0 ? emptyItems : `${shape.itemsField}:\n`}`),
    tail: (metadata) => Buffer.from(around(metadata)[1]),
  };
}

/**
 * Writes the parts of `docs/reference` that follow from the arguments in `src/api/configuration`: the JSON schema
 * of a configuration, and the table of arguments. `npm run configuration-reference`; a test finds a stale one.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { apiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Arguments } from '#api/configuration/argument.ts';
import { absentArguments } from '#api/configuration/arguments/absent.ts';
import { configurationSchema, sectionArguments } from '#api/configuration/json-schema.ts';

const folder = `${import.meta.dirname}/../docs/reference`;
const start = '<!-- arguments: written by npm run configuration-reference -->\n';
const end = '<!-- end of arguments -->';

/** By file name, what is there and what should be. */
export function configurationReference(): Record<string, { found: string; wanted: string }> {
  const page = read('configuration.md');
  return {
    'configuration.md': { found: page, wanted: withTable(page) },
    'configuration.schema.json': {
      found: read('configuration.schema.json'),
      wanted: `${JSON.stringify(configurationSchema(), null, 2)}\n`,
    },
  };
}

function withTable(page: string): string {
  const [before, rest = ''] = page.split(start);
  return `${before}${start}${table()}${end}${rest.slice(rest.indexOf(end) + end.length)}`;
}

function table(): string {
  const known: Arguments = apiServerArguments;
  const rows = Object.entries({ ...known, ...sectionArguments }).map(
    ([name, { description, expects }]) =>
      `| \`${name}\` | ${expects} | ${description.replaceAll('|', '\\|')} |`,
  );
  const absent = Object.entries(absentArguments).map(([name, instead]) => `| \`${name}\` | ${instead} |`);
  return [
    '| Argument | Value | What it does |',
    '|---|---|---|',
    ...rows,
    '',
    'Arguments of upstream that are an error, and what there is in their place:',
    '',
    '| Argument | Instead |',
    '|---|---|',
    ...absent,
    '',
  ].join('\n');
}

function read(name: string): string {
  return readFileSync(`${folder}/${name}`, { encoding: 'utf8', flag: 'a+' });
}

if (import.meta.main) {
  for (const [name, { wanted }] of Object.entries(configurationReference())) {
    writeFileSync(`${folder}/${name}`, wanted);
  }
}

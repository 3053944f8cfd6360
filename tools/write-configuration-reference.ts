/**
 * Writes the parts of `docs/reference` that follow from the arguments in `src/api/configuration`: the JSON schema
 * of a configuration, and the tables of arguments and fields. `npm run configuration-reference`; a test finds a stale one.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { apiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Arguments } from '#api/configuration/argument.ts';
import { absentArguments } from '#api/configuration/arguments/absent.ts';
import { configurationSchema, sectionArguments } from '#api/configuration/json-schema.ts';
import { kubeletFields } from '#api/configuration/kubelet/fields.ts';
import { managerArguments } from '#api/configuration/manager/arguments.ts';
import {
  absentSchedulerFields,
  profileFields,
  schedulerFields,
} from '#api/configuration/scheduler/fields.ts';

const folder = `${import.meta.dirname}/../docs/reference`;
/** What is written between two comments of the page, by the noun in the first of them. */
const tables: Readonly<Record<string, () => string>> = {
  arguments: () =>
    [
      ...rowsOf('Argument', { ...apiServerArguments, ...sectionArguments }),
      '',
      'Arguments of upstream that are an error, and what there is in their place:',
      '',
      '| Argument | Instead |',
      '|---|---|',
      ...Object.entries(absentArguments).map(([name, instead]) => `| \`${name}\` | ${instead} |`),
      '',
    ].join('\n'),
  'arguments of the controllers': () => [...rowsOf('Argument', managerArguments), ''].join('\n'),
  'fields of the kubelet': () => [...rowsOf('Field', kubeletFields), ''].join('\n'),
  'fields of the scheduler': () =>
    [
      ...rowsOf('Field', schedulerFields),
      '',
      'Fields of a profile:',
      '',
      ...rowsOf('Field', profileFields),
      '',
      'Fields of upstream that are an error, and what there is in their place:',
      '',
      '| Field | Instead |',
      '|---|---|',
      ...Object.entries(absentSchedulerFields).map(([name, instead]) => `| \`${name}\` | ${instead} |`),
      '',
    ].join('\n'),
};

/** By file name, what is there and what should be. */
export function configurationReference(): Record<string, { found: string; wanted: string }> {
  const page = read('configuration.md');
  return {
    'configuration.md': { found: page, wanted: Object.entries(tables).reduce(withTable, page) },
    'configuration.schema.json': {
      found: read('configuration.schema.json'),
      wanted: `${JSON.stringify(configurationSchema(), null, 2)}\n`,
    },
  };
}

function withTable(page: string, [noun, table]: [string, () => string]): string {
  const start = `<!-- ${noun}: written by npm run configuration-reference -->\n`;
  const end = `<!-- end of ${noun} -->`;
  const [before, rest = ''] = page.split(start);
  return `${before}${start}${table()}${end}${rest.slice(rest.indexOf(end) + end.length)}`;
}

function rowsOf(noun: string, known: Arguments): string[] {
  const row = ([name, { description, expects }]: [string, Arguments[string]]) =>
    `| \`${name}\` | ${expects} | ${description.replaceAll('|', '\\|')} |`;
  return [`| ${noun} | Value | What it does |`, '|---|---|---|', ...Object.entries(known).map(row)];
}

function read(name: string): string {
  return readFileSync(`${folder}/${name}`, { encoding: 'utf8', flag: 'a+' });
}

if (import.meta.main) {
  for (const [name, { wanted }] of Object.entries(configurationReference())) {
    writeFileSync(`${folder}/${name}`, wanted);
  }
}

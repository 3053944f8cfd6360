/** A wall: the rooms of a folder import each other downwards only, types included. */

import { floors } from '../layers.ts';
import { type Import, resolved } from './source.ts';

/** What is wrong with this import, or undefined. */
export function againstFloors(link: Import, listed = floors): string | undefined {
  const target = resolved(link);
  if (target === undefined || link.file.endsWith('.test.ts')) return undefined;
  const folder = sharedFolder(link.file, target);
  const list = listed[folder];
  if (!list) return undefined;
  const from = childOf(folder, link.file);
  const to = childOf(folder, target);
  const [above, below] = [floorOf(list, from), floorOf(list, to)];
  if (from === to || below < above || (above === top && below === top)) return undefined;
  const where = below === above ? 'of its own floor' : 'of a higher floor';
  return `in ${folder}, ${from} may not import ${to}, which is ${where} (floors in tools/layers.ts)`;
}

/** The rooms of this folder that have no floor, and floors' names that are no room or file of it. */
export function unlisted(folder: string, children: readonly string[], listed = floors): string[] {
  const names = (listed[folder] ?? []).flatMap((floor) => floor.split(' '));
  const rooms = children.filter((name) => !name.includes('.'));
  return [
    ...rooms.filter((name) => !names.includes(name)).map((name) => `${folder}/${name} has no floor`),
    ...names.filter((name) => !children.includes(name)).map((name) => `${folder} has no ${name}`),
  ];
}

const top = Number.POSITIVE_INFINITY;

function floorOf(list: readonly string[], name: string): number {
  const floor = list.findIndex((names) => names.split(' ').includes(name));
  return floor < 0 ? top : floor;
}

function sharedFolder(a: string, b: string): string {
  const [first, second] = [a.split('/'), b.split('/')];
  let length = 0;
  while (first[length] === second[length] && length < first.length - 1) length++;
  return first.slice(0, length).join('/');
}

function childOf(folder: string, file: string): string {
  return file.slice(folder.length + 1).split('/')[0]!;
}

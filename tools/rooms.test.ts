/** ARCHITECTURE.md has a row for every room of `src`, and none for a room that is gone. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = `${import.meta.dirname}/..`;
const page = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8');
const tables = page.slice(page.indexOf('## The rooms'), page.indexOf("## A request's way"));

function foldersIn(path: string): string[] {
  const entries = readdirSync(`${root}/${path}`, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Rooms by the folder whose name stands over their table. */
function roomsOfPage(): Map<string, string[]> {
  const rooms = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of tables.split('\n')) {
    const folder = /^\*\*`(src\/\w+)`\*\*$/.exec(line)?.[1];
    if (folder) {
      current = [];
      rooms.set(folder, current);
    }
    const room = /^\| `([\w-]+)` \|/.exec(line)?.[1];
    if (room) current.push(room);
  }
  return rooms;
}

const described = roomsOfPage();

for (const folder of foldersIn('src').filter((name) => name !== 'testing')) {
  test(`rooms of src/${folder} – in ARCHITECTURE.md – each has a row`, () => {
    const rooms = described.get(`src/${folder}`) ?? [];
    assert.deepEqual(rooms.toSorted(), foldersIn(`src/${folder}`).toSorted());
  });
}

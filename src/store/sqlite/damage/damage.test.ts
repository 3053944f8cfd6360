/**
 * What a start reports of a store that has lost acknowledged data, and what remains when the loss is
 * accepted.
 */

import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { put } from '#testing/store/store-suite.ts';
import { StoreLossError } from '../../errors.ts';
import { type LocalStore, prefixRange, type Store } from '../../store.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../store.ts';

let folder: string;
let path: string;
/** The files as they were while the store was open: what a killed process leaves. */
let killed: string;
let losses: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kybern-damage-'));
  path = join(folder, 'store.db');
  killed = join(folder, 'killed.db');
  losses = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const bigValue = 'x'.repeat(20_000);

function open(options: Partial<SqliteStoreOptions> = {}): Promise<LocalStore> {
  return openSqliteStore({
    path: killed,
    env: systemEnv(),
    isUsed: true,
    onLoss: (what) => losses.push(what),
    ...options,
  });
}

/** Writes `/t/0` … `/t/29` and copies the files of the store while it is open. */
async function leaveKilled(): Promise<void> {
  const store = await open({ path, isUsed: false });
  for (let i = 0; i < 30; i++) await put(store, `/t/${i}`, `${i}${bigValue}`, 0);
  for (const suffix of ['', '-wal', '.open']) copyFileSync(path + suffix, killed + suffix);
  await store.close();
}

async function keysOf(store: Store): Promise<number> {
  return (await store.range(prefixRange('/t/'))).count;
}

async function refusedWith(message: RegExp, options?: Partial<SqliteStoreOptions>): Promise<void> {
  // Twice: what a refused start leaves must be refused again.
  for (let i = 0; i < 2; i++) {
    await assert.rejects(open(options), (error: Error) => {
      assert.ok(error instanceof StoreLossError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
}

/** Opens with the readable rows, warns, and goes on at a revision far above. */
async function accepted(message: RegExp, options?: Partial<SqliteStoreOptions>): Promise<number> {
  const store = await open({ ...options, acceptLoss: true });
  assert.match(losses.join('\n'), message);
  assert.ok(store.newestRevision() > 1_000_000);
  const count = await keysOf(store);
  await put(store, '/t/new', 'v', 0);
  await store.close();
  losses = [];
  const again = await open();
  assert.deepEqual([await keysOf(again), losses], [count + 1, []]);
  await again.close();
  return count;
}

test('a killed process – all is there – the store opens without a word', async () => {
  await leaveKilled();
  const store = await open();
  assert.deepEqual([await keysOf(store), losses], [30, []]);
  await store.close();
});

describe('a used store – damaged in some way – is refused', () => {
  test('its file is missing – is refused', async () => {
    await refusedWith(/killed\.db is missing, though the cluster has run before/);
    assert.equal(await accepted(/is missing/), 0);
  });

  test('its file is empty – is refused', async () => {
    writeFileSync(killed, '');
    await refusedWith(/killed\.db is empty/);
    assert.equal(await accepted(/is empty/), 0);
  });

  test('its file holds something else – is refused, and the file kept', async () => {
    const other = 'not a database at all, but long enough to have a header'.repeat(10);
    writeFileSync(killed, other);
    await refusedWith(/killed\.db is not a kybern store/);
    assert.equal(await accepted(/damaged files are .*killed\.db\.damaged-1/), 0);
    assert.equal(readFileSync(`${killed}.damaged-1`, 'utf8'), other);
  });

  test('a folder in the place of its file – is an error that names it', async () => {
    mkdirSync(killed);
    for (const acceptLoss of [false, true]) {
      await assert.rejects(open({ acceptLoss }), { message: `store: ${killed} is not a file` });
    }
  });

  test('its file is cut short – is refused; its readable rows can be salvaged', async () => {
    await leaveKilled();
    await (await open()).close();
    truncateSync(killed, 16384 * 20);
    await refusedWith(/killed\.db is damaged/);
    const count = await accepted(/damaged files are/);
    assert.ok(count > 0 && count < 30, String(count));
  });
});

describe('the write-ahead log of a killed process – damaged in some way – is refused or read', () => {
  test('gone – refused', async () => {
    await leaveKilled();
    rmSync(`${killed}-wal`);
    await refusedWith(/killed\.db-wal is missing/);
    await accepted(/killed\.db-wal is missing/);
  });

  test('one byte of an early frame changed – refused', async () => {
    await leaveKilled();
    const log = readFileSync(`${killed}-wal`);
    log[16384 * 8]! ^= 1;
    writeFileSync(`${killed}-wal`, log);
    await refusedWith(/killed\.db-wal is damaged: frame \d+ of \d+/);
    const count = await accepted(/is damaged: frame/);
    // One page is lost, and with it one value at most; what follows it is kept.
    assert.ok(count >= 28 && count < 30, String(count));
  });

  test('one byte of its header changed – refused, and all is taken over', async () => {
    await leaveKilled();
    const log = readFileSync(`${killed}-wal`);
    log[17]! ^= 1;
    writeFileSync(`${killed}-wal`, log);
    await refusedWith(/killed\.db-wal is damaged: its header/);
    assert.equal(await accepted(/its header/), 30);
  });

  for (const [what, loseFile] of [
    ['empty', () => writeFileSync(killed, '')],
    ['missing', () => rmSync(killed)],
  ] as const) {
    test(`whole beside a file that is ${what} – refused, and all is taken over`, async () => {
      await leaveKilled();
      loseFile();
      await refusedWith(new RegExp(`is ${what}`));
      assert.equal(await accepted(new RegExp(`is ${what}.*damaged-1`)), 30);
      assert.ok(existsSync(`${killed}.damaged-1-wal`));
    });
  }

  test('damaged, the loss accepted, killed again – opens without a word', async () => {
    await leaveKilled();
    const log = readFileSync(`${killed}-wal`);
    log[16384 * 8]! ^= 1;
    writeFileSync(`${killed}-wal`, log);
    const store = await open({ acceptLoss: true });
    await put(store, '/t/new', 'v', 0);
    const again = join(folder, 'again.db');
    for (const suffix of ['', '-wal', '.open']) copyFileSync(killed + suffix, again + suffix);
    await store.close();
    losses = [];
    const second = await open({ path: again });
    assert.deepEqual([(await second.get('/t/new'))?.version, losses], [1, []]);
    await second.close();
  });

  test('cut short, and the revision before is known – refused', async () => {
    await leaveKilled();
    truncateSync(`${killed}-wal`, 16384 * 20);
    const known = { knownRevision: 31 };
    await refusedWith(/ends at revision \d+ and has been at 31: its last writes are lost/, known);
    assert.ok((await accepted(/its last writes are lost/, known)) < 30);
  });

  for (const mark of ['', 'garbage']) {
    test(`with a mark that says ${JSON.stringify(mark)} – all is there`, async () => {
      await leaveKilled();
      await (await open()).close();
      writeFileSync(`${killed}.open`, mark);
      const store = await open();
      assert.deepEqual([await keysOf(store), losses], [30, []]);
      await store.close();
    });
  }

  test('with half a transaction at its end, as a power failure leaves it – all is there', async () => {
    await leaveKilled();
    const log = readFileSync(`${killed}-wal`);
    // A frame of this log, but for its checksum.
    const torn = Buffer.from(log.subarray(32, 32 + 24 + 16384)).fill(7, 24);
    writeFileSync(`${killed}-wal`, Buffer.concat([log, torn]));
    const store = await open();
    assert.deepEqual([await keysOf(store), losses], [30, []]);
    await store.close();
  });
});

test('a row – changed on the disk – is named; it alone is taken out', async () => {
  await leaveKilled();
  await (await open()).close();
  const db = new DatabaseSync(killed);
  db.exec("UPDATE log SET value = 'other' WHERE key = '/t/7'");
  db.close();
  await refusedWith(/damaged in 1 of its rows: \/t\/7: its value at revision 9 is not what was written/);
  assert.equal(await accepted(/\/t\/7: .*damaged file is/), 29);
  assert.ok(existsSync(`${killed}.damaged-1`));
});

test('a backup – put back after a stop – opens, and is named', async () => {
  await leaveKilled();
  await (await open()).close();
  const store = await open({ knownRevision: 40 });
  assert.match(losses.join(), /ends at revision 31 and has been at 40: it was put back from a backup/);
  assert.equal(await keysOf(store), 30);
  await store.close();
});

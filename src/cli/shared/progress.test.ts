import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { showProgress } from './progress.ts';

function drawn(isTTY: boolean): string {
  const written: string[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    written.push(chunk.toString());
    done();
  };
  const output = Object.assign(new Writable({ write }), { isTTY });
  const progress = showProgress(output, 'pulling web');
  progress.show('1 MiB');
  progress.end();
  return written.join('');
}

test('progress – on a terminal – is one line, redrawn and removed', () => {
  assert.equal(drawn(true), '\r\x1b[Kpulling web\r\x1b[Kpulling web: 1 MiB\r\x1b[K');
});

test('progress – in a file – is nothing', () => {
  assert.equal(drawn(false), '');
});

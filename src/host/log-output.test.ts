import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogOutput } from './log-output.ts';

test('the log – a disk that is full for a while – goes on afterwards, and says how many lines it has lost', () => {
  let room = 6;
  let written = '';
  const output = new LogOutput((text) => {
    written += text.slice(0, room);
    room -= text.length;
    if (room < 0) throw new Error('ENOSPC: no space left on device, write');
  });
  output.write('one\n');
  output.write('two\n');
  room = 0;
  output.write('three\n');
  assert.equal(written, 'one\ntw');
  room = 1000;
  output.write('four\n');
  output.write('five\n');
  const lost = '{"level":40,"count":2,"msg":"lines of this log could not be written"}';
  assert.equal(written, `one\ntw\n${lost}\nfour\nfive\n`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNameServer, printNameServer } from './name-server.ts';

const rows: readonly [string, string | undefined][] = [
  ['1.2.3.4', '1.2.3.4:53'],
  ['1.2.3.4:5353', '1.2.3.4:5353'],
  ['dns://1.2.3.4', '1.2.3.4:53'],
  ['fd00::1', '[fd00::1]:53'],
  ['[fd00::1]:5353', '[fd00::1]:5353'],
  ['fe80::1%eth0', '[fe80::1%eth0]:53'],
  ['1.2.3', undefined],
  ['1.2.3.4:0', undefined],
  ['1.2.3.4:70000', undefined],
  ['ns.example.org', undefined],
  ['tls://1.2.3.4', undefined],
  ['', undefined],
];

for (const [text, expected] of rows) {
  test(`a name server – ${text} – is ${expected}`, () => {
    const server = parseNameServer(text);
    assert.equal(server && printNameServer(server), expected);
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseNameServers, parseResolvConf } from './resolv-conf.ts';

const rows: readonly [string, string[]][] = [
  ['', []],
  ['nameserver 1.2.3.4\nsearch example.org\n', ['1.2.3.4']],
  [' \tnameserver\t1.2.3.4 # ours\n#nameserver 9.9.9.9\n; nameserver 8.8.8.8', ['1.2.3.4']],
  ['nameserver fe80::1%eth0\nnameserver ::1', ['fe80::1%eth0', '::1']],
  ['nameserver dns.example.org', []],
  [
    'nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4',
    ['1.1.1.1', '1.1.1.2', '1.1.1.3'],
  ],
];

for (const [text, expected] of rows) {
  test(`resolv.conf – ${JSON.stringify(text)} – names ${expected.length} servers`, () =>
    assert.deepEqual(parseResolvConf(text).nameservers, expected));
}

const choices: readonly [string, string | undefined, string | undefined, string[]][] = [
  ['servers elsewhere', 'nameserver 1.2.3.4', 'nameserver 9.9.9.9', ['1.2.3.4']],
  ['a stub with servers behind it', 'nameserver 127.0.0.53', 'nameserver 9.9.9.9', ['9.9.9.9']],
  [
    'a stub beside another server',
    'nameserver 127.0.0.53\nnameserver 1.2.3.4',
    'nameserver 9.9.9.9',
    ['127.0.0.53', '1.2.3.4'],
  ],
  ['a stub without more', 'nameserver 127.0.0.1', undefined, ['127.0.0.1']],
  ['a stub whose servers are stubs', 'nameserver ::1', 'nameserver 127.0.0.53', ['::1']],
  ['no file', undefined, undefined, []],
];

for (const [title, machine, resolved, expected] of choices) {
  test(`name servers of the machine – ${title} – are ${expected.join(', ') || 'none'}`, () =>
    assert.deepEqual(chooseNameServers(machine, resolved), expected));
}

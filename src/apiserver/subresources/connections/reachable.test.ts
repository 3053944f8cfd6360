import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, BlockList } from 'node:net';
import { test } from 'node:test';
import { serviceUnavailable } from '#api/meta/status.ts';
import { type Destination, exchangeWith, requestUpgradeOf } from './kubelet-connection.ts';
import { isGlobalUnicast } from './reachable.ts';

const reached = [
  '10.0.0.1',
  '192.168.1.1',
  '8.8.8.8',
  '169.253.0.1',
  '223.255.255.255',
  '240.0.0.1',
  '100.64.0.1',
];
const reachedToo = ['2001:db8::1', 'fd00::1', 'fec0::1', '::ffff:10.0.0.1'];
const refused = [
  ...[
    '0.0.0.0',
    '0.1.2.3',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '224.0.0.1',
    '239.255.255.255',
  ],
  ...['255.255.255.255', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:0.0.0.0'],
  ...[
    '::ffff:169.254.169.254',
    'fe80::1',
    'fe80::1%lo',
    'febf::1',
    'ff02::1',
    'localhost',
    '127.1',
    '0x7f.1',
    '',
  ],
];

for (const address of [...reached, ...reachedToo]) {
  test(`isGlobalUnicast: ${address} – yes`, () => assert.equal(isGlobalUnicast(address), true));
}

for (const address of refused) {
  test(`isGlobalUnicast: "${address}" – no`, () => assert.equal(isGlobalUnicast(address), false));
}

async function listening() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('only for this machine');
  });
  server.listen(0, '::');
  await once(server, 'listening');
  return { asked, port: (server.address() as AddressInfo).port, close: () => server.close() };
}

const unreachable = (why: string) => serviceUnavailable(why);
const get = (to: Destination) =>
  exchangeWith(to, { method: 'GET', path: '/', headers: { host: 'x' }, unreachable });
const upgrade = (to: Destination) =>
  requestUpgradeOf(to, { method: 'GET', path: '/', rawHeaders: ['Connection', 'Upgrade', 'Upgrade', 'x'] });
/** Names and spellings of this machine's loopback that the resolver turns into an address. */
const spellings = ['localhost', '127.0.0.1', '127.1', '0x7f.1', '0x7f.0.0.1', '0177.0.0.1', '2130706433'];
const more = ['0.0.0.0', '0', '0.0', '0x0.0', '::1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1'];

test('a proxied request or upgrade – to loopback, however it is spelled – is refused before anything is sent', async (t) => {
  const { asked, port, close } = await listening();
  t.after(close);
  for (const host of [...spellings, ...more]) {
    await t.test(host, async () => {
      for (const tls of [{}, { tls: { verify: false } }]) {
        for (const send of [get, upgrade]) {
          await assert.rejects(
            send({ host, port, ...tls }),
            { code: 400, message: 'address not allowed' },
            host,
          );
        }
      }
    });
  }
  assert.deepEqual(asked, []);
});

test('a proxied request – to an address out of bounds – is refused, also by its IPv4-mapped spelling', async (t) => {
  const except = new BlockList();
  except.addAddress('192.0.2.1');
  for (const host of ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '0xc0000201']) {
    await t.test(host, async () => {
      await assert.rejects(
        get({ host, port: 6443, except }),
        { code: 400, message: 'address not allowed' },
        host,
      );
    });
  }
});

test("a proxied request – to an unknown name – fails with Go's message", async () => {
  await assert.rejects(get({ host: 'unknown.invalid', port: 80 }), {
    code: 503,
    message: /^dial tcp: lookup unknown\.invalid: (no such host|Temporary failure in name resolution)$/,
  });
});

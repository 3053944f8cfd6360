import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command } from '../processes/command.ts';
import { setMtu } from './bridge.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const ip = (...args: string[]) => command('ip', args);

test('the MTU of a bridge – whose last port leaves – stays', { skip }, async (t) => {
  const name = `kyt${process.pid}`;
  const port = `kyu${process.pid}`;
  await ip('link', 'add', name, 'type', 'bridge');
  t.after(() => ip('link', 'delete', name));
  await setMtu(name, 1400);
  await ip('link', 'add', port, 'mtu', '1400', 'type', 'veth');
  await ip('link', 'set', port, 'master', name);
  await ip('link', 'delete', port);
  const [{ mtu }] = JSON.parse(await ip('-j', 'link', 'show', name));
  assert.equal(mtu, 1400);
});

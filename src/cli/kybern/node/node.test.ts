import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownHome } from '#testing/cli/own-home.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { storedNode } from '#testing/objects.ts';
import { readLabel, readTaint } from './label-options.ts';
import { asTable, listedNodes } from './list.ts';
import { node } from './node.ts';

for (const words of ['add', 'remove node-2', 'list']) {
  test(`kybern node ${words} – a cluster that is down – says how it is started`, async (t) => {
    ownHome(t);
    keepCluster('sleeping');
    const { failure } = await runCommand(node, `node ${words} --name sleeping`);
    assert.equal(failure, 'cluster sleeping is not running (start it: kybern up --name sleeping)');
  });
}

test('kybern node add – labels and taints – are read as kubectl writes them', () => {
  assert.deepEqual(readLabel('disk=ssd'), ['disk', 'ssd']);
  assert.deepEqual(readLabel('node-role.kubernetes.io/db='), ['node-role.kubernetes.io/db', '']);
  assert.deepEqual(readTaint('dedicated=db:NoSchedule'), {
    key: 'dedicated',
    value: 'db',
    effect: 'NoSchedule',
  });
  assert.deepEqual(readTaint('gone:NoExecute'), { key: 'gone', effect: 'NoExecute' });
});

for (const [flag, message] of [
  ['--labels disk', '"disk" is no label'],
  ['--taints a=b', '"a=b" is no taint'],
  ['--taints a=b:Never', '"a=b:Never" is no taint'],
] as const) {
  test(`kybern node add ${flag} – is refused before anything is made`, async () => {
    const { failure = '' } = await runCommand(node, `node add ${flag}`);
    assert.match(failure, new RegExp(message.replace(/[.*]/g, '\\$&')));
  });
}

test('kybern node list – nodes of each kind, one whose Node was deleted – says what each is', () => {
  const at = (name: string, address: string) => ({
    ...storedNode(name, { spec: { podCIDR: '10.244.0.0/24' } }),
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  const lost = { name: 'node-3', number: 3, address: '10.201.0.3' };
  const nodes = [{ name: 'node-2', number: 2, address: '10.201.0.2' }, lost];
  const found = listedNodes(
    { realNodes: 1, nodes },
    [at('host', '10.244.0.1'), at('node-2', '10.201.0.2'), at('far', '192.0.2.9'), at('sim', '127.0.0.1')],
    'host',
  );
  assert.equal(
    asTable(found),
    [
      'NAME    KIND       READY  ADDRESS     PODS',
      'host    machine    yes    10.244.0.1  10.244.0.0/24',
      'node-2  namespace  yes    10.201.0.2  10.244.0.0/24',
      'far     joined     yes    192.0.2.9   10.244.0.0/24',
      'sim     simulated  yes    127.0.0.1   10.244.0.0/24',
      'node-3  namespace  no     10.201.0.3  -',
    ].join('\n'),
  );
});

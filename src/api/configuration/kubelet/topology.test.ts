import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTopologySettings, type TopologyFields } from './topology.ts';

test('topology manager – without settings – aligns nothing', () => {
  const defaults = { policy: 'none', scope: 'container', prefersClosest: false, numaNodesMax: 8 };
  assert.deepEqual(readTopologySettings({}), defaults);
});

test('topology manager – with all settings – has them', () => {
  const fields = {
    topologyManagerPolicy: 'single-numa-node',
    topologyManagerScope: 'pod',
    topologyManagerPolicyOptions: { 'prefer-closest-numa-nodes': 'true', 'max-allowable-numa-nodes': '12' },
  };
  assert.deepEqual(readTopologySettings(fields), {
    policy: 'single-numa-node',
    scope: 'pod',
    prefersClosest: true,
    numaNodesMax: 12,
  });
});

const options = (name: string, value: string): TopologyFields => ({
  topologyManagerPolicyOptions: { [name]: value },
});
const table: [fields: TopologyFields, message: string][] = [
  [
    { topologyManagerPolicy: 'strict' },
    'invalid configuration: topologyManagerPolicy (--topology-manager-policy) "strict" must be one of: ["none" "best-effort" "restricted" "single-numa-node"]',
  ],
  [
    { topologyManagerScope: 'node' },
    'invalid configuration: topologyManagerScope (--topology-manager-scope) "node" must be one of: "container", or "pod"',
  ],
  [options('x', 'true'), 'unknown Topology Manager Policy option: "x"'],
  [
    options('prefer-closest-numa-nodes', 'yes'),
    'bad value for option "prefer-closest-numa-nodes": strconv.ParseBool: parsing "yes": invalid syntax',
  ],
  [
    options('max-allowable-numa-nodes', 'many'),
    'unable to convert policy option to integer "max-allowable-numa-nodes": strconv.Atoi: parsing "many": invalid syntax',
  ],
  [
    options('max-allowable-numa-nodes', '7'),
    'the minimum value of "max-allowable-numa-nodes" should not be less than 8',
  ],
];

for (const [fields, message] of table) {
  test(`topology manager – ${JSON.stringify(fields)} – is refused`, () =>
    assert.throws(() => readTopologySettings(fields), { message: `kubelet: ${message}` }));
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import type { PreparedClaim } from './prepared-claim.ts';

const device = {
  poolName: 'worker-1',
  deviceName: 'dev-1',
  requestNames: ['test request'],
  cdiDeviceIds: ['example.com/example=cdi-example'],
};
const claim: PreparedClaim = {
  uid: '067798be-454e-4be4-9047-1aa06aea63f7',
  name: 'example',
  namespace: 'default',
  podUids: new Set(['139cdb46-f989-4f17-9561-ca10cfb509a6']),
  devices: new Map([['test-driver.cdi.k8s.io', [device]]]),
  isPrepared: false,
};

/** The checksums are those that upstream's kubelet wrote. */
const files: [what: string, text: string, claims: PreparedClaim[]][] = [
  [
    'one claim',
    String.raw`{"Data":"{\"kind\":\"DRACheckpoint\",\"apiVersion\":\"checkpoint.dra.kubelet.k8s.io/v1\",\"ClaimInfoStateList\":[{\"ClaimUID\":\"067798be-454e-4be4-9047-1aa06aea63f7\",\"ClaimName\":\"example\",\"Namespace\":\"default\",\"PodUIDs\":{\"139cdb46-f989-4f17-9561-ca10cfb509a6\":{}},\"DriverState\":{\"test-driver.cdi.k8s.io\":{\"Devices\":[{\"PoolName\":\"worker-1\",\"DeviceName\":\"dev-1\",\"ShareID\":null,\"RequestNames\":[\"test request\"],\"CDIDeviceIDs\":[\"example.com/example=cdi-example\"]}]}}}]}","Checksum":2570581864}`,
    [claim],
  ],
  [
    'a shared device',
    String.raw`{"Data":"{\"kind\":\"DRACheckpoint\",\"apiVersion\":\"checkpoint.dra.kubelet.k8s.io/v1\",\"ClaimInfoStateList\":[{\"ClaimUID\":\"067798be-454e-4be4-9047-1aa06aea63f7\",\"ClaimName\":\"example\",\"Namespace\":\"default\",\"PodUIDs\":{\"139cdb46-f989-4f17-9561-ca10cfb509a6\":{}},\"DriverState\":{\"test-driver.cdi.k8s.io\":{\"Devices\":[{\"PoolName\":\"worker-1\",\"DeviceName\":\"dev-1\",\"ShareID\":\"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\",\"RequestNames\":[\"test request\"],\"CDIDeviceIDs\":[\"example.com/example=cdi-example\"]}]}}}]}","Checksum":736302156}`,
    [
      {
        ...claim,
        devices: new Map([
          ['test-driver.cdi.k8s.io', [{ ...device, shareId: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa' }]],
        ]),
      },
    ],
  ],
  [
    'two claims',
    String.raw`{"Data":"{\"kind\":\"DRACheckpoint\",\"apiVersion\":\"checkpoint.dra.kubelet.k8s.io/v1\",\"ClaimInfoStateList\":[{\"ClaimUID\":\"067798be-454e-4be4-9047-1aa06aea63f7\",\"ClaimName\":\"example-1\",\"Namespace\":\"default\",\"PodUIDs\":{\"139cdb46-f989-4f17-9561-ca10cfb509a6\":{}},\"DriverState\":{\"test-driver.cdi.k8s.io\":{\"Devices\":[{\"PoolName\":\"worker-1\",\"DeviceName\":\"dev-1\",\"ShareID\":null,\"RequestNames\":[\"test request\"],\"CDIDeviceIDs\":[\"example.com/example=cdi-example\"]}]}}},{\"ClaimUID\":\"4cf8db2d-06c0-7d70-1a51-e59b25b2c16c\",\"ClaimName\":\"example-2\",\"Namespace\":\"default\",\"PodUIDs\":{\"139cdb46-f989-4f17-9561-ca10cfb509a6\":{}},\"DriverState\":{\"test-driver.cdi.k8s.io\":{\"Devices\":[{\"PoolName\":\"worker-1\",\"DeviceName\":\"dev-2\",\"ShareID\":null,\"RequestNames\":null,\"CDIDeviceIDs\":null}]}}}]}","Checksum":2820117767}`,
    [
      { ...claim, name: 'example-1' },
      {
        ...claim,
        uid: '4cf8db2d-06c0-7d70-1a51-e59b25b2c16c',
        name: 'example-2',
        devices: new Map([
          [
            'test-driver.cdi.k8s.io',
            [{ poolName: 'worker-1', deviceName: 'dev-2', requestNames: [], cdiDeviceIds: [] }],
          ],
        ]),
      },
    ],
  ],
];

for (const [what, text, claims] of files) {
  test(`dra_manager_state – ${what} – is read and written as upstream's`, () => {
    assert.deepEqual(parseCheckpoint(text), claims);
    assert.equal(checkpointText(claims), text);
  });
}

test('dra_manager_state – no claims – is read as upstream writes it', () => {
  assert.deepEqual(parseCheckpoint(checkpointText([])), []);
});

const refused: [what: string, text: string][] = [
  ['changed', checkpointText([claim]).replace('example', 'another')],
  ['of another form', '{"Data":1,"Checksum":1}'],
  ['no object', '[]'],
];
for (const [what, text] of refused) {
  test(`dra_manager_state – ${what} – is refused`, () =>
    assert.throws(() => parseCheckpoint(text), { message: 'checkpoint is corrupted' }));
}

test('dra_manager_state – cut off – is refused', () =>
  assert.throws(() => parseCheckpoint('{'), SyntaxError));

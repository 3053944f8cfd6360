import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalText, shownSelector } from './internal-form.ts';

const cases: readonly [what: string, kind: string, value: unknown, text: string][] = [
  ['a struct without a value', 'SecretReference', undefined, '{"Name":"","Namespace":""}'],
  [
    'fields of other names, in Go order',
    'RBDPersistentVolumeSource',
    { image: 'i', monitors: ['m'] },
    '{"CephMonitors":["m"],"RBDImage":"i","FSType":"","RBDPool":"","RadosUser":"","Keyring":"","SecretRef":null,"ReadOnly":false}',
  ],
  ['an empty list is not an absent one', 'Capabilities', { add: [] }, '{"Add":[],"Drop":null}'],
  ['an absent list', 'NodeSelectorTerm', [], 'null'],
  [
    'an embedded struct',
    'ResourceFieldSelector',
    { resource: 'limits.cpu', divisor: '1000m' },
    '{"ContainerName":"","Resource":"limits.cpu","Divisor":"1"}',
  ],
  [
    'a struct of another group',
    'batch.PodFailurePolicy',
    { rules: [{ action: 'Count' }] },
    '{"Rules":[{"Action":"Count","OnExitCodes":null,"OnPodConditions":null}]}',
  ],
  [
    'pointers from one group to another',
    'storage.VolumeAttachmentSource',
    { persistentVolumeName: 'p' },
    '{"PersistentVolumeName":"p","InlineVolumeSpec":null}',
  ],
  [
    "metadata is the struct's own, as are characters that are special in HTML",
    'autoscaling.MetricIdentifier',
    { name: '<a>', selector: { matchExpressions: [{ operator: 'In' }] } },
    '{"Name":"\\u003ca\\u003e","Selector":{"matchExpressions":[{"key":"","operator":"In"}]}}',
  ],
];

for (const [what, kind, value, text] of cases) {
  test(`the internal form – ${what} – is upstream's`, () => {
    assert.equal(internalText(value, kind).text, text);
  });
}

test("the internal form of a pod's spec – has the fields of its security context there", () => {
  const { text } = internalText({ hostNetwork: true, securityContext: { runAsUser: 1 } }, 'PodSpec');
  const { SecurityContext } = JSON.parse(text) as { SecurityContext: Record<string, unknown> };
  assert.deepEqual(
    [SecurityContext['HostNetwork'], SecurityContext['RunAsUser'], Object.keys(JSON.parse(text)).length],
    [true, 1, 36],
  );
});

test('a shown selector – has the order of the struct, and its labels in theirs', () => {
  const selector = { matchExpressions: [{ key: 'x', operator: 'Exists' }], matchLabels: { b: '1', a: '2' } };
  assert.equal(
    shownSelector(selector).text,
    '{"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"x","operator":"Exists"}]}',
  );
});

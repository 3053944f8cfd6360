import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume } from '../../generated/types.gen.ts';
import { regionalAffinity, zonalAffinity } from './topology.ts';

const zone = 'topology.kubernetes.io/zone';
const region = 'topology.kubernetes.io/region';
const betaZone = 'failure-domain.beta.kubernetes.io/zone';
const betaRegion = 'failure-domain.beta.kubernetes.io/region';

/** Terms as words: `KEY=a,b`, expressions joined by `&`, terms by ` | `. */
function volume(labels: Record<string, string>, terms?: string): PersistentVolume {
  const nodeSelectorTerms = terms?.split(' | ').map((term) => ({
    matchExpressions: term.split('&').map((text) => {
      const [key = '', values = ''] = text.split('=');
      return { key, operator: 'In', values: values.split(',') };
    }),
  }));
  return {
    metadata: { labels },
    spec: nodeSelectorTerms ? { nodeAffinity: { required: { nodeSelectorTerms } } } : {},
  };
}

function words(affinity: ReturnType<typeof zonalAffinity>): string | undefined {
  return affinity?.required?.nodeSelectorTerms
    .map(({ matchExpressions = [] }) =>
      matchExpressions.map(({ key, values = [] }) => `${key}=${values.join()}`).join('&'),
    )
    .join(' | ');
}

type Row = [title: string, labels: Record<string, string>, terms: string | undefined, expected?: string];
const zonal: Row[] = [
  ['nothing', {}, undefined, undefined],
  ['a label', { [zone]: 'a' }, undefined, 'z=a'],
  ['an older label', { [betaZone]: 'a' }, undefined, 'z=a'],
  ['both labels', { [zone]: 'a', [betaZone]: 'b' }, undefined, 'z=a'],
  ['a label of several zones', { [zone]: 'c__a__c' }, undefined, 'z=a,c'],
  ['a label with blanks', { [zone]: ' a __ __ b' }, undefined, 'z=a,b'],
  ['an empty label', { [zone]: '' }, undefined, undefined],
  ['an affinity', {}, `${zone}=a`, 'z=a'],
  ['an older affinity', {}, `${betaZone}=a`, 'z=a'],
  ['an affinity and a label', { [zone]: 'b' }, `${zone}=a`, 'z=a'],
  ['an affinity and an older label', { [betaZone]: 'b' }, `${zone}=a`, 'z=a'],
  ['the affinity of the driver', {}, 'z=a', 'z=a'],
  ['two terms', {}, `${zone}=a | ${zone}=b`, 'z=a | z=b'],
  ['a label beside another affinity', { [zone]: 'a' }, 'x=1 | y=2', 'x=1&z=a | y=2&z=a'],
  ['a region stays', {}, `${zone}=a&${region}=r`, `z=a&${region}=r`],
  ['an older region becomes one', {}, `${betaZone}=a&${betaRegion}=r`, `z=a&${region}=r`],
];
for (const [title, labels, terms, expected] of zonal) {
  test(`zones of a volume – ${title} – ${expected ?? 'none'}`, () => {
    assert.equal(words(zonalAffinity(volume(labels, terms), 'z')), expected);
  });
}

const regional: Row[] = [
  ['nothing', {}, undefined, undefined],
  ['labels', { [zone]: 'a', [region]: 'b' }, undefined, 'z=a&r=b'],
  ['older labels', { [betaZone]: 'a', [betaRegion]: 'b' }, undefined, 'z=a&r=b'],
  ['a label of one zone alone', { [zone]: 'a__b' }, undefined, 'z=a__b'],
  ['an affinity', {}, `${zone}=a&${region}=b`, 'z=a&r=b'],
  ['an affinity of zones, a label of a region', { [region]: 'b' }, `${zone}=a`, 'z=a&r=b'],
];
for (const [title, labels, terms, expected] of regional) {
  test(`zone and region of a volume – ${title} – ${expected ?? 'none'}`, () => {
    assert.equal(words(regionalAffinity(volume(labels, terms), 'z', 'r')), expected);
  });
}

test('an affinity without a node selector – stays', () => {
  const spec = { nodeAffinity: {} };
  assert.deepEqual(zonalAffinity({ spec }, 'z'), {});
});

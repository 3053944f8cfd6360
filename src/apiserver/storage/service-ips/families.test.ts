/** Addresses and families of services that disagree: upstream's answers, before and without validation. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceSpec } from '#api/generated/types.gen.ts';
import { fieldErrorMessage } from '#api/validation/field-error.ts';
import { setIpFamilies } from './families.ts';

const stored: ServiceSpec = {
  type: 'ClusterIP',
  clusterIP: '10.96.0.5',
  clusterIPs: ['10.96.0.5'],
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
};
const dual: ServiceSpec = {
  ...stored,
  clusterIPs: ['10.96.0.5', 'fd00::5'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'PreferDualStack',
};
const headless: ServiceSpec = { type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'] };
const noIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

describe('families of a service – that agree with its addresses – are set', () => {
  const cases: [
    title: string,
    spec: ServiceSpec,
    old: ServiceSpec | undefined,
    families: string[],
    policy: string,
  ][] = [
    ['of a new service', { type: 'ClusterIP' }, undefined, ['IPv4'], 'SingleStack'],
    ['headless with a selector', { ...headless, selector: { a: 'b' } }, undefined, ['IPv4'], 'SingleStack'],
    ['headless without a selector', headless, undefined, ['IPv4', 'IPv6'], 'RequireDualStack'],
    [
      'headless without a selector, of IPv6',
      { ...headless, ipFamilies: ['IPv6'] },
      undefined,
      ['IPv6', 'IPv4'],
      'RequireDualStack',
    ],
    [
      'as before, where an update says nothing',
      { ...stored, ipFamilyPolicy: undefined } as never,
      stored,
      ['IPv4'],
      'SingleStack',
    ],
    ['preferred as before', dual, dual, ['IPv4', 'IPv6'], 'PreferDualStack'],
    ['the second released', { ...dual, ipFamilyPolicy: 'SingleStack' }, dual, ['IPv4'], 'SingleStack'],
  ];
  for (const [title, given, old, families, policy] of cases) {
    test(title, () => {
      const spec = structuredClone(given);
      assert.deepEqual(setIpFamilies(spec, old, ['IPv4']), []);
      assert.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [families, policy]);
    });
  }
});

describe('families of a service – that disagree – are refused as upstream refuses them', () => {
  const cases: [spec: ServiceSpec, old: ServiceSpec | undefined, errors: string[]][] = [
    [
      { type: 'ClusterIP', clusterIPs: [''] },
      undefined,
      [
        'spec.clusterIPs: Invalid value: [""]: must be empty when `clusterIP` is not specified',
        `spec.clusterIPs[0]: Invalid value: "": ${noIp}`,
      ],
    ],
    [
      { ...stored, clusterIPs: [''] },
      stored,
      [
        'spec.clusterIPs: Invalid value: [""]: first value must match `clusterIP`',
        `spec.clusterIPs[0]: Invalid value: "": ${noIp}`,
      ],
    ],
    [
      { ...headless, clusterIPs: ['10.0.0.1'] },
      undefined,
      ['spec.clusterIPs: Invalid value: ["10.0.0.1"]: first value must match `clusterIP`'],
    ],
    [
      { type: 'ClusterIP', ipFamilies: ['IPv4', 'IPv6', ''] },
      undefined,
      ['spec.ipFamilies[2]: Unsupported value: "": supported values: "IPv4", "IPv6"'],
    ],
    [
      { ...stored, ipFamilies: ['IPv6'] },
      stored,
      [
        'spec.clusterIPs[0]: Invalid value: "10.96.0.5": expected an IPv6 value as indicated by `ipFamilies[0]`',
      ],
    ],
    [
      { type: 'ClusterIP', ipFamilies: ['IPv6'], ipFamilyPolicy: 'RequireDualStack' },
      undefined,
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
        'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
      ],
    ],
    [
      { type: 'ClusterIP', clusterIP: 'fd00::5', clusterIPs: ['fd00::5'] },
      undefined,
      ['spec.clusterIPs[0]: Invalid value: ["fd00::5"]: IPv6 is not configured on this cluster'],
    ],
    [
      { ...dual, ipFamilies: ['IPv4'], clusterIPs: ['10.96.0.5'], ipFamilyPolicy: 'RequireDualStack' },
      dual,
      [
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary cluster IP',
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family',
      ],
    ],
    [
      { type: 'ClusterIP', ipFamilies: ['IPv4', 'IPv6'] },
      undefined,
      [
        "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
      ],
    ],
  ];
  for (const [spec, old, errors] of cases) {
    test(errors.join(' '), () => {
      const found = setIpFamilies(structuredClone(spec), old, ['IPv4']);
      assert.deepEqual(
        found.map((error) => `${error.field}: ${fieldErrorMessage(error).replace(`${error.field}: `, '')}`),
        errors,
      );
    });
  }
});

describe('families of a service – of a cluster that has both – follow its policy', () => {
  const cases: [title: string, spec: ServiceSpec, old: ServiceSpec | undefined, families: string[]][] = [
    ['no policy', { type: 'ClusterIP' }, undefined, ['IPv6']],
    ['preferred', { type: 'ClusterIP', ipFamilyPolicy: 'PreferDualStack' }, undefined, ['IPv6', 'IPv4']],
    [
      'required, IPv4 first',
      { type: 'ClusterIP', ipFamilies: ['IPv4'], ipFamilyPolicy: 'RequireDualStack' },
      undefined,
      ['IPv4', 'IPv6'],
    ],
    ['upgraded', { ...stored, ipFamilyPolicy: 'RequireDualStack' }, stored, ['IPv4', 'IPv6']],
    ['the second released', { ...dual, ipFamilyPolicy: 'SingleStack' }, dual, ['IPv4']],
  ];
  for (const [title, given, old, families] of cases) {
    test(`${title} – ${families.join()}`, () => {
      const spec = structuredClone(given);
      assert.deepEqual(setIpFamilies(spec, old, ['IPv6', 'IPv4']), []);
      assert.deepEqual(spec.ipFamilies, families);
    });
  }
});

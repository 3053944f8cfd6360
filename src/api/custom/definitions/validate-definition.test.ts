import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { dns1123Subdomain } from '../../validation/validators.ts';
import { definitionNameRule, validateDefinition, validateDefinitionUpdate } from './validate-definition.ts';

const schemaPath = 'spec.validation.openAPIV3Schema';

function definition(
  spec: JSONSchemaProps = { type: 'object' },
  change: (definition: CustomResourceDefinition) => void = () => {},
): CustomResourceDefinition {
  const made: CustomResourceDefinition = {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      conversion: { strategy: 'None' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
    status: { storedVersions: ['v1'] },
  };
  change(made);
  return made;
}

const specPath = `${schemaPath}.properties[spec]`;
const any = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

const schemas: [string, JSONSchemaProps, string[]][] = [
  ['an object that may hold anything', any, []],
  ['no type', {}, [`${specPath}.type: Required value: must not be empty for specified object fields`]],
  [
    'an unknown type',
    { type: 'text' },
    [
      `${specPath}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
  ],
  ['a list without items', { type: 'array' }, [`${specPath}.items: Required value: must be specified`]],
  [
    'types in anyOf',
    { type: 'string', anyOf: [{ type: 'string' }] },
    [`${specPath}.anyOf[0].type: Forbidden: must be empty to be structural`],
  ],
  [
    'a number or a text',
    { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    [],
  ],
  [
    'unique items',
    { type: 'array', items: { type: 'string' }, uniqueItems: true },
    [
      `${specPath}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  ],
  [
    'properties and additional properties',
    { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
    [`${specPath}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
  ],
  [
    'a reference',
    { type: 'object', $ref: '#/definitions/x' },
    [`${specPath}.$ref: Forbidden: $ref is not supported`],
  ],
  [
    'a pattern that is none',
    { type: 'string', pattern: '(' },
    [
      `${specPath}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
    ],
  ],
  [
    'a default of another type',
    { type: 'object', properties: { n: { type: 'integer', default: 'x' } } },
    [
      `${specPath}.properties[n].default: Invalid value: "string":  in body must be of type integer: "string"`,
    ],
  ],
  [
    'a default with a field that there is not',
    { type: 'object', default: { x: 1 }, properties: { a: { type: 'string' } } },
    [`${specPath}.default: Invalid value: {"x":1}: must not have unknown fields`],
  ],
  [
    'an embedded resource without properties',
    { type: 'object', 'x-kubernetes-embedded-resource': true },
    [
      `${specPath}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
    ],
  ],
  [
    'a list by keys that items need not have',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' } } },
    },
    [
      `${specPath}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  ],
  [
    'a list by no keys',
    {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      items: { type: 'object', properties: { name: { type: 'string' } } },
    },
    [
      `${specPath}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
  ],
  [
    'a set of objects that are merged',
    {
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { name: { type: 'string' } } },
    },
    [
      `${specPath}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
  ],
  [
    'a rule without an expression',
    { type: 'object', 'x-kubernetes-validations': [{ rule: ' ' }] },
    [`${specPath}.x-kubernetes-validations[0].rule: Required value: rule is not specified`],
  ],
  [
    'a rule about a field that there is not',
    { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.a' }] },
    [`${specPath}.x-kubernetes-validations[0].fieldPath: Invalid value: ".a": must be a valid path`],
  ],
];

for (const [name, spec, expected] of schemas) {
  test(`the schema of a definition – ${name} – ${expected.length > 0 ? 'is refused' : 'is taken'}`, () => {
    assert.deepEqual(validateDefinition(definition(spec)).map(fieldErrorMessage), expected);
  });
}

const versionText =
  '{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}';
const twoVersions = `[${[1, 2].map(() => versionText).join(',')}]`;

const changes: [string, (definition: CustomResourceDefinition) => void, string[]][] = [
  [
    'a group without a dot',
    ({ spec }) => {
      spec.group = 'example';
    },
    [
      'metadata.name: Invalid value: "foos.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ],
  ],
  [
    'a protected group',
    (made) => {
      made.spec.group = 'apps.k8s.io';
      made.metadata!.name = 'foos.apps.k8s.io';
    },
    [
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  [
    'a protected group – not approved, and saying so',
    (made) => {
      made.spec.group = 'apps.k8s.io';
      made.metadata = {
        name: 'foos.apps.k8s.io',
        annotations: { 'api-approved.kubernetes.io': 'unapproved, experimental' },
      };
    },
    [],
  ],
  [
    'the kind of its lists being its kind',
    ({ spec }) => {
      spec.names.listKind = 'Foo';
    },
    ['spec.names.listKind: Invalid value: "Foo": kind and listKind may not be the same'],
  ],
  [
    'no schema',
    ({ spec }) => {
      delete spec.versions[0]!.schema;
    },
    ['spec.versions[0].schema.openAPIV3Schema: Required value'],
  ],
  [
    'fields that are not pruned',
    ({ spec }) => {
      spec.preserveUnknownFields = true;
    },
    [
      'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
  [
    'a webhook without a client',
    ({ spec }) => {
      spec.conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v7'] } };
    },
    [
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'a scale below the status',
    ({ spec }) => {
      spec.versions[0]!.subresources = {
        scale: { specReplicasPath: '.status.replicas', statusReplicasPath: 'status.replicas' },
      };
    },
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: "status.replicas": must be a simple json path starting with .',
    ],
  ],
  [
    'a column of an unknown type',
    ({ spec }) => {
      spec.versions[0]!.additionalPrinterColumns = [{ name: 'A', type: 'text', jsonPath: '.spec' }];
    },
    [
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    ],
  ],
  [
    'a selectable object',
    ({ spec }) => {
      spec.versions[0]!.selectableFields = [{ jsonPath: '.spec' }, { jsonPath: '.spec.x' }];
    },
    [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.x": is an invalid path: does not refer to a valid field',
    ],
  ],
  [
    'a selectable field without a schema',
    ({ spec }) => {
      spec.versions.push({
        name: 'v2',
        served: true,
        storage: false,
        selectableFields: [{ jsonPath: '.spec.x' }],
      });
    },
    [
      'spec.versions[1].schema.openAPIV3Schema: Required value',
      'spec.versions[1].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
    ],
  ],
  [
    'a field only in allOf',
    ({ spec }) => {
      spec.versions[0]!.schema!.openAPIV3Schema!.allOf = [{ properties: { a: { minimum: 1 } } }];
    },
    [
      `${schemaPath}.properties[a]: Required value: because it is defined in ${schemaPath}.allOf[0].properties[a]`,
    ],
  ],
  [
    'a default of its metadata',
    ({ spec }) => {
      spec.versions[0]!.schema!.openAPIV3Schema!.properties!['kind'] = { type: 'string', default: 'Foo' };
    },
    [`${schemaPath}.properties[kind].default: Forbidden: must not be set in top-level kind`],
  ],
  [
    'a default of the whole object without apiVersion and kind',
    withRoot({ ...any, default: { spec: {} } }),
    [`${schemaPath}.default.apiVersion: Required value`, `${schemaPath}.default.kind: Required value`],
  ],
  [
    'a default of the whole object with wrong metadata',
    withRoot({ ...any, default: { apiVersion: 'v1', metadata: { name: 1 } } }),
    [
      `${schemaPath}.default.metadata: Invalid value: {"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.name of type string`,
    ],
  ],
  [
    'empty texts within allOf',
    withRoot({
      type: 'object',
      allOf: [{ title: '', $ref: '', default: '', additionalProperties: false, 'x-kubernetes-map-type': '' }],
    }),
    [
      `${schemaPath}.allOf[0].default: Forbidden: must be undefined to be structural`,
      `${schemaPath}.allOf[0].x-kubernetes-map-type: Forbidden: must be undefined to be structural`,
      `${schemaPath}.allOf[0].$ref: Forbidden: $ref is not supported`,
      `${schemaPath}.allOf[0].type: Required value: must be object if x-kubernetes-map-type is specified`,
      `${schemaPath}.allOf[0].x-kubernetes-map-type: Unsupported value: "": supported values: "atomic", "granular"`,
    ],
  ],
  [
    'dependencies of nothing',
    withRoot({ type: 'object', dependencies: {} }),
    [`${schemaPath}.dependencies: Forbidden: dependencies is not supported`],
  ],
  [
    'a rule that does not compile and has optionalOldSelf',
    withRoot({ type: 'object', 'x-kubernetes-validations': [{ rule: 'x', optionalOldSelf: false }] }),
    [
      `${schemaPath}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"x","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":false}: compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x\n | ^`,
      `${schemaPath}.x-kubernetes-validations[0].optionalOldSelf: Invalid value: false: may not be set if oldSelf is not used in rule`,
    ],
  ],
  [
    'two storage versions of one name',
    ({ spec }) => {
      spec.versions.push(spec.versions[0]!);
    },
    [
      `spec.versions: Invalid value: ${twoVersions}: must contain unique version names`,
      `spec.versions: Invalid value: ${twoVersions}: must have exactly one version marked as storage version`,
      'status.storedVersions: Invalid value: ["v1"]: must have the storage version v1',
    ],
  ],
  [
    'another name than its plural and group',
    ({ metadata }) => {
      metadata!.name = 'Foos';
    },
    [
      `metadata.name: Invalid value: "Foos": ${dns1123Subdomain('Foos').join('')}`,
      'metadata.name: Invalid value: "Foos": must be spec.names.plural+"."+spec.group',
    ],
  ],
];

function withRoot(root: JSONSchemaProps): (definition: CustomResourceDefinition) => void {
  return ({ spec }) => {
    spec.versions[0]!.schema!.openAPIV3Schema = root;
  };
}

for (const [name, change, expected] of changes) {
  test(`a definition – with ${name} – ${expected.length > 0 ? 'is refused' : 'is taken'}`, () => {
    const made = definition({ type: 'object' }, change);
    const name = checkField('metadata.name', made.metadata!.name!, definitionNameRule(made));
    const errors = [...name, ...validateDefinition(made)];
    assert.deepEqual(errors.map(fieldErrorMessage), expected);
  });
}

test('a definition – updated – violations of its old form may stay, its names may not change', () => {
  const old = definition({ type: 'array', items: { type: 'string' } });
  const list: JSONSchemaProps = {
    type: 'array',
    'x-kubernetes-list-type': 'set',
    items: { type: 'object', properties: { a: { type: 'string' } } },
  };
  const withOldList = definition(list);
  withOldList.status!.conditions = [{ type: 'Established', status: 'True' }];
  const changed = definition(list, ({ spec }) => {
    spec.names.kind = 'Bar';
  });
  assert.deepEqual(validateDefinitionUpdate(changed, withOldList).map(fieldErrorMessage), [
    'spec.names.kind: Invalid value: "Bar": field is immutable',
  ]);
  assert.equal(validateDefinitionUpdate(definition(list), old).length, 1);
});

test('a definition – without a version that status.storedVersions names – is refused', () => {
  const made = definition();
  made.status!.storedVersions = ['v1', 'v0'];
  const [message] = validateDefinition(made).map(fieldErrorMessage);
  assert.match(
    message!,
    /^status\.storedVersions\[1\]: Invalid value: "v0": missing from spec\.versions; v0 was/,
  );
});

test('a definition – with the pattern of a quantity in 2,000 fields – is accepted', () => {
  const pattern = '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$';
  const properties = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`p${i}`, { type: 'string', pattern }]),
  );
  assert.deepEqual(validateDefinition(definition({ type: 'object', properties })), []);
});

const expensive: [string, JSONSchemaProps, string][] = [
  [
    'counted patterns',
    {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [
          `p${i}`,
          { type: 'string', pattern: `^(${i}|(a{1,100}){1,9})$` },
        ]),
      ),
    },
    'more than 100000 instructions of patterns',
  ],
  [
    'rules of many characters',
    {
      type: 'string',
      maxLength: 10,
      'x-kubernetes-validations': Array.from({ length: 100 }, () => ({
        rule: `self != '${'x'.repeat(2000)}'`,
      })),
    },
    'more than 200000 characters of validation rules',
  ],
  [
    'very many required names',
    { type: 'object', required: Array.from({ length: 20_001 }, (_, i) => `r${i}`) },
    'more than 20000 required names and four times its defaults',
  ],
  [
    'very many defaults',
    {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 5001 }, (_, i) => [`p${i}`, { type: 'string', default: 'd' }]),
      ),
    },
    'more than 20000 required names and four times its defaults',
  ],
  [
    'a schema of very many fields',
    {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`p${i}`, { type: 'string' }])),
    },
    'more than 20000 schemas',
  ],
];

test('a definition – of very many short names and categories – is refused: its status would have no room for them', () => {
  const made = definition({ type: 'object' });
  const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`);
  Object.assign(made.spec.names, { shortNames: names(600), categories: names(400) });
  assert.doesNotThrow(() => validateDefinition(made));
  made.spec.names.categories!.push('more');
  const message = 'more than 1000 short names and categories';
  assert.throws(() => validateDefinition(made), { name: 'LimitExceeded', message });
});

test('a definition – of more versions than any has – is refused', () => {
  const made = definition({ type: 'object' });
  const [version] = made.spec.versions;
  const others = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...version!, name: `v${i + 10}`, storage: false }));
  made.spec.versions = [version!, ...others(200)];
  assert.throws(() => validateDefinition(made), { name: 'LimitExceeded', message: 'more than 200 versions' });
  made.spec.versions.pop();
  assert.doesNotThrow(() => validateDefinition(made));
});

for (const [what, spec, message] of expensive) {
  test(`a definition – ${what} – is refused before it is compiled`, () => {
    const made = definition(spec);
    assert.throws(() => validateDefinition(made), { name: 'LimitExceeded', message });
    assert.doesNotThrow(() => validateDefinitionUpdate(definition({ type: 'object' }), made));
  });
}

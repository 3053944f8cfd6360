import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askForConversion } from './review-conversion.ts';

const original = {
  apiVersion: 'e.io/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', uid: 'u1', labels: { a: 'b' } },
};
const right = { ...original, apiVersion: 'e.io/v2' };

function convert(answer: unknown) {
  return askForConversion(async () => answer, {
    objects: [original],
    desiredApiVersion: 'e.io/v2',
    reviewVersions: ['v1'],
    uid: 'r1',
  });
}

const review = (response: unknown) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  response,
});
const result = { status: 'Success' };
const success = (convertedObjects: unknown) => review({ uid: 'r1', result, convertedObjects });
const withMetadata = (metadata: unknown) => success([{ ...right, metadata }]);
const { labels: _, ...unlabelled } = right.metadata;

test('a conversion – a right answer – gives the object its labels and keeps the rest of its metadata', async () => {
  const [converted] = await convert(withMetadata({ ...right.metadata, labels: { c: 'd' }, generation: 7 }));
  assert.deepEqual(converted, { ...right, metadata: { ...right.metadata, labels: { c: 'd' } } });
});

const refused: readonly (readonly [what: string, answer: unknown, says: string])[] = [
  [
    'nothing',
    null,
    'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=',
  ],
  [
    'a text',
    'x',
    'failed: json: cannot unmarshal string into Go struct field ConversionReview of type v1.ConversionReview',
  ],
  [
    'a kind that is an object',
    { ...review({}), kind: {} },
    'failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got apiextensions.k8s.io/v1, Kind=',
  ],
  ['no response', review(undefined), 'failed: no response provided'],
  [
    'a response that is a list',
    review([]),
    'failed: json: cannot unmarshal array into Go struct field ConversionReview.response of type v1.ConversionResponse',
  ],
  ['the uid of another', review({ uid: 'x' }), 'failed: expected response.uid="r1", got "x"'],
  [
    'a uid that is a number',
    review({ uid: 5 }),
    'failed: json: cannot unmarshal number into Go struct field ConversionReview.response.uid of type types.UID',
  ],
  [
    'a result that is a text',
    review({ uid: 'r1', result: 'x' }),
    'failed: json: cannot unmarshal string into Go struct field ConversionReview.response.result of type v1.Status',
  ],
  ['no status', review({ uid: 'r1' }), "failed: response.result.status was '', not 'Success'"],
  ['a failure', review({ uid: 'r1', result: { status: 'Failure', message: 'no' } }), 'failed: no'],
  ['no objects', success(undefined), 'returned 0 objects, expected 1'],
  [
    'objects that are an object',
    success({}),
    'failed: json: cannot unmarshal object into Go struct field ConversionReview.response.convertedObjects of type []runtime.RawExtension',
  ],
  [
    'another version',
    success([original]),
    'returned invalid object at index 0: invalid groupVersion (expected e.io/v2, received e.io/v1)',
  ],
  [
    'no kind',
    success([{ ...right, kind: undefined }]),
    'returned invalid object at index 0: invalid kind (expected Thing, received )',
  ],
  ['metadata that is a list', withMetadata([]), 'returned invalid object: must have the same name: a != '],
  [
    'another name',
    withMetadata({ ...right.metadata, name: {} }),
    'returned invalid object: must have the same name: a != ',
  ],
  [
    'labels that are a text',
    withMetadata({ ...unlabelled, labels: 'x' }),
    'returned invalid metadata: invalid metadata.labels of type string in converted object',
  ],
  [
    'a label that is a number',
    withMetadata({ ...unlabelled, labels: { a: 1 } }),
    'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
  ],
];

for (const [what, answer, says] of refused) {
  test(`a conversion – answered by ${what} – fails in upstream's words`, async () => {
    await assert.rejects(convert(answer), { message: `conversion webhook for e.io/v1, Kind=Thing ${says}` });
  });
}

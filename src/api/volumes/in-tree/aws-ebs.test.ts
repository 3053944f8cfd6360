import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awsEbs } from './aws-ebs.ts';

const id = 'vol-02399794d890f9375';
const invalid = 'aws://us-west-2a/02399794d890f9375';
const failure = `failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume (${invalid})`;

const rows: [title: string, volumeID: string, handle: string | Error][] = [
  ['bare', id, id],
  ['as a URL without a zone', `aws:///${id}`, id],
  ['as a URL with a zone', `aws://us-west-2a/${id}`, id],
  ['of another form', 'vol01', 'vol01'],
  ['a URL of another form', invalid, new Error(failure)],
];
for (const [title, volumeID, handle] of rows) {
  test(`id of a disk – ${title} – ${handle instanceof Error ? 'rejected' : handle}`, () => {
    const translate = () => awsEbs.ofInline({ name: 'v', awsElasticBlockStore: { volumeID } }, 'default');
    if (handle instanceof Error) assert.throws(translate, handle);
    else assert.equal(translate()?.csi.volumeHandle, handle);
  });
}

test('a disk of EBS – inline – is named by driver and disk', () => {
  const awsElasticBlockStore = { volumeID: `aws:///${id}`, fsType: 'ext3', partition: 1, readOnly: true };
  assert.deepEqual(awsEbs.ofInline({ name: 'v', awsElasticBlockStore }, 'default'), {
    name: `ebs.csi.aws.com-${id}`,
    accessMode: 'ReadWriteOnce',
    csi: {
      driver: 'ebs.csi.aws.com',
      volumeHandle: id,
      fsType: 'ext3',
      readOnly: true,
      volumeAttributes: { partition: '1' },
    },
  });
});

test('a disk of EBS – of a PersistentVolume – has its zone as the driver names it', () => {
  const labels = { 'topology.kubernetes.io/zone': 'us-east-1a' };
  const volume = { metadata: { labels }, spec: { awsElasticBlockStore: { volumeID: id } } };
  const zone = { key: 'topology.ebs.csi.aws.com/zone', operator: 'In', values: ['us-east-1a'] };
  assert.deepEqual(awsEbs.ofVolume(volume), {
    csi: { driver: 'ebs.csi.aws.com', volumeHandle: id, volumeAttributes: { partition: '0' } },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
  });
});

test('another source – is not translated', () => {
  assert.equal(awsEbs.ofVolume({ spec: { hostPath: { path: '/' } } }), undefined);
  assert.equal(awsEbs.ofInline({ name: 'v', emptyDir: {} }, 'default'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { failure, StatusError } from '#api/meta/status.ts';
import { newContainer, newPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import { Admission } from '../admission.ts';
import type { ImagePolicy } from './image-policy.ts';
import { imagePolicyWebhook } from './image-policy-webhook.ts';

const access = { target: { url: 'https://images.example.com' }, headers: { authorization: 'Bearer t' } };
const usual = { access, allowMs: 60_000, denyMs: 30_000, retryMs: 500, defaultAllow: false };

/** `answers`: a status each, or an error. */
function setUp(answers: readonly (object | Error)[], policy: Partial<ImagePolicy> = {}) {
  const clock = new VirtualClock(0);
  const asked: string[] = [];
  const left = [...answers];
  const client = {
    post(_: unknown, body: string) {
      asked.push(body);
      const answer = left.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ body: Buffer.from(JSON.stringify({ status: answer })) });
    },
  } as unknown as WebhookClient;
  const env = { clock, random: { float: () => 0 }, log: { info() {} } } as never;
  const door = new Admission();
  door.begin([imagePolicyWebhook({ env, client }, { ...usual, ...policy })]);
  const annotations = new Map<string, string>();
  const judge = async (pod: Pod, subresource = '') => {
    const request = { annotate: (key: string, value: string) => annotations.set(key, value) } as never;
    const facts = { type: pods, subresource, namespace: 'default', name: 'p', dryRun: false, warn: () => {} };
    const user = { name: 'jane', groups: [] };
    const attributes = { ...facts, operation: 'CREATE', user, request } as const;
    try {
      await door.validate({ ...attributes, object: pod as unknown as AnyObject });
      return 'allowed';
    } catch (error) {
      assert(error instanceof StatusError);
      return `${error.code} ${error.message}`;
    }
  };
  return { clock, asked, annotations, judge };
}

const annotated = (pod: Pod): Pod => {
  pod.metadata!.annotations = { 'team.image-policy.k8s.io/ticket': '7', other: 'x' };
  return pod;
};
const pod = () =>
  annotated(
    newPod('p', {
      containers: [newContainer({ image: 'a' })],
      initContainers: [newContainer({ name: 'i', image: 'b' })],
      ephemeralContainers: [{ name: 'e', image: 'c' }],
    }),
  );

test('a pod – allowed by the webhook – is let in, and not asked for again until that has expired', async () => {
  const allowed = { allowed: true, auditAnnotations: { checked: 'yes' } };
  const { clock, asked, annotations, judge } = setUp([allowed, { allowed: false }]);
  assert.deepEqual([await judge(pod()), await judge(pod())], ['allowed', 'allowed']);
  assert.deepEqual(asked, [
    '{"kind":"ImageReview","apiVersion":"imagepolicy.k8s.io/v1alpha1","metadata":{},"spec":{"containers":[{"image":"a"},{"image":"b"}],"annotations":{"team.image-policy.k8s.io/ticket":"7"},"namespace":"default"},"status":{"allowed":false}}',
  ]);
  assert.deepEqual(Object.fromEntries(annotations), {
    'imagepolicywebhook.image-policy.k8s.io/checked': 'yes',
  });
  await clock.advance(60_000);
  assert.equal(
    await judge(pod()),
    '403 pods "p" is forbidden: one or more images rejected by webhook backend',
  );
});

for (const [status, why] of [
  [{ allowed: 'false' }, 'string into Go struct field ImageReviewStatus.status.allowed of type bool'],
  [{ allowed: 1 }, 'number into Go struct field ImageReviewStatus.status.allowed of type bool'],
  [
    { allowed: true, auditAnnotations: { a: 1 } },
    'number into Go struct field ImageReviewStatus.status.auditAnnotations of type string',
  ],
  [[], 'array into Go struct field ImageReview.status of type v1alpha1.ImageReviewStatus'],
] as const) {
  test(`a pod – the webhook answers ${JSON.stringify(status)} – is refused`, async () => {
    const { judge } = setUp([status]);
    assert.equal(await judge(pod()), `403 pods "p" is forbidden: json: cannot unmarshal ${why}`);
  });
}

test('ephemeral containers – denied with a reason – are refused with it', async () => {
  const { asked, judge } = setUp([{ allowed: false, reason: 'unsigned' }]);
  assert.equal(
    await judge(pod(), 'ephemeralcontainers'),
    '403 pods "p" is forbidden: image policy webhook backend denied one or more images: unsigned',
  );
  assert.match(asked[0]!, /"containers":\[\{"image":"c"\}\]/);
});

test('a webhook that fails – the pod is refused, or let in and marked where that is the policy', async () => {
  const broken = failure(503, 'ServiceUnavailable', 'down');
  const closed = setUp([broken]);
  assert.equal(await closed.judge(pod()), '403 pods "p" is forbidden: down');
  const open = setUp([broken], { defaultAllow: true });
  const judged = pod();
  assert.equal(await open.judge(judged), 'allowed');
  assert.deepEqual(Object.fromEntries(open.annotations), {
    'imagepolicywebhook.image-policy.k8s.io/failed-open': 'true',
  });
  assert.equal(judged.metadata!.annotations!['alpha.image-policy.k8s.io/failed-open'], 'true');
});

test('a webhook that fails for a moment – is called again after a pause', async () => {
  const { clock, asked, judge } = setUp([failure(500, 'InternalError', 'once'), { allowed: true }]);
  const judged = judge(pod());
  await clock.advance(499);
  assert.equal(asked.length, 1);
  await clock.advance(1);
  assert.equal(await judged, 'allowed');
  assert.equal(asked.length, 2);
});

test('a pod – with more images than are worth keeping – is asked for each time', async () => {
  const { asked, judge } = setUp([{ allowed: true }, { allowed: false }]);
  const many = newPod('p', { containers: [newContainer({ image: 'x'.repeat(20_000) })] });
  assert.equal(await judge(many), 'allowed');
  assert.match(await judge(many), /rejected by webhook backend/);
  assert.equal(asked.length, 2);
});

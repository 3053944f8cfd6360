import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector } from '#api/selectors/selector.ts';
import { storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { storedPod } from '#testing/objects.ts';
import { TargetPods } from './target-pods.ts';

const web = storedPod('web-1', { metadata: { namespace: 'default', labels: { app: 'web' } } });
const other = storedPod('other', { metadata: { namespace: 'default', labels: { app: 'other' } } });
const selector = parseLabelSelector('app=web');
const [first, second] = [storedAutoscaler('first'), storedAutoscaler('second')];
const ambiguous = 'pods by selector app=web are controlled by multiple HPAs: [default/first default/second]';

function targetPods(known = [first, second]): TargetPods {
  const get = (_: string | undefined, name: string) => known.find(({ metadata }) => metadata.name === name);
  return new TargetPods({ get }, { list: () => [web, other] });
}

test('an autoscaler – alone with its pods – has those that its selector matches', () =>
  assert.deepEqual(targetPods().podsOf(first, 'app=web', selector), [web]));

test('an autoscaler – whose pods another selects too – is ambiguous', () => {
  const pods = targetPods();
  pods.podsOf(first, 'app=web', selector);
  const found = pods.podsOf(second, 'app=web', selector);
  assert.equal('message' in found && found.message, ambiguous);
});

test('an autoscaler – whose pods another has selected that was forgotten – has them', () => {
  const pods = targetPods();
  pods.podsOf(first, 'app=web', selector);
  pods.forget('default/first');
  assert.deepEqual(pods.podsOf(second, 'app=web', selector), [web]);
});

test('an autoscaler – deleted while its target was read – makes no other one’s pods ambiguous', () => {
  const pods = targetPods([second]);
  pods.podsOf(first, 'app=web', selector);
  assert.deepEqual(pods.podsOf(second, 'app=web', selector), [web]);
});

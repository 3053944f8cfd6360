import assert from 'node:assert/strict';
import test from 'node:test';
import { readExtenders } from '#api/configuration/scheduler/extenders.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { Extender } from './extender.ts';

function managing(...names: string[]): Extender {
  const managedResources = names.map((name) => ({ name }));
  const [settings] = readExtenders([{ urlPrefix: 'http://x', bindVerb: 'bind', managedResources }]).extenders;
  return new Extender(settings!, async (_settings, url, body) => {
    const { PodName, PodNamespace, PodUID, Node } = JSON.parse(body);
    const text = [url, PodName, PodNamespace, PodUID, Node].join(' ');
    return { status: 200, body: Buffer.from(JSON.stringify({ Error: text })) };
  });
}

const gpu = 'example.com/gpu';
const initContainers = [{ name: 'i', image: 'i', resources: { limits: { [gpu]: '1' } } }];
const interests: [string, Extender, PodShape, boolean][] = [
  ['no managed resources, any pod', managing(), {}, true],
  ['a managed resource, a pod without it', managing(gpu), { cpu: '1' }, false],
  ['a managed resource, a request', managing(gpu), { requests: { [gpu]: '1' } }, true],
  ['a managed resource, a limit of an init container', managing(gpu), { spec: { initContainers } }, true],
];

for (const [title, extender, pod, expected] of interests) {
  test(`an extender – ${title} – ${expected ? 'is' : 'is not'} interested`, () => {
    assert.equal(extender.isInterestedIn(makePod(pod)), expected);
  });
}

test('bind – the extender reports an error – it is thrown', async () => {
  const message = 'http://x/bind pod default default/pod a';
  await assert.rejects(managing().bind(makePod({}), 'a'), { message });
});

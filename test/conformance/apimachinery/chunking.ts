/** Lists in pieces: one snapshot, and a way on when that snapshot is compacted away. */

import assert from 'node:assert/strict';
import { podTemplates } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { nginxPod, template } from '../shared/workloads.ts';

const total = 400;
const createAtOnce = 20;
/** Longer than history is kept by default. */
const expiryMs = 14 * 60_000;

const nameOf = (index: number) => `template-${String(index).padStart(4, '0')}`;

async function createMany({ client, namespace }: BehaviourContext): Promise<void> {
  for (let from = 0; from < total; from += createAtOnce) {
    await Promise.all(
      Array.from({ length: createAtOnce }, (_, offset) =>
        client.create(podTemplates, {
          metadata: { name: nameOf(from + offset), namespace },
          template: template({ chunk: 'yes' }, nginxPod()),
        }),
      ),
    );
  }
}

interface Pages {
  /** Index of the first item that is still to come. */
  readonly from: number;
  readonly token: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** Reads the remaining pages; every page says how many items remain, and is of the same revision. */
async function readRest({ client, namespace }: BehaviourContext, limit: number, pages: Pages): Promise<void> {
  let { from, token } = pages;
  let version = pages.resourceVersion;
  do {
    const page = await client.list(podTemplates, { namespace, limit, ...(token ? { continue: token } : {}) });
    assert.ok(page.items.length <= limit);
    for (const [offset, item] of page.items.entries()) {
      assert.equal(item.metadata.name, nameOf(from + offset));
    }
    from += page.items.length;
    version ??= page.metadata.resourceVersion;
    assert.equal(page.metadata.resourceVersion, version, 'one snapshot');
    token = page.metadata.continue || undefined;
    assert.equal(page.metadata.remainingItemCount ?? 0, total - from);
    assert.equal(token === undefined, from === total);
  } while (token);
  assert.equal(from, total);
}

async function chunks(context: BehaviourContext): Promise<void> {
  await createMany(context);
  for (const limit of [17, 100, 399]) {
    await readRest(context, limit, { from: 0, token: undefined, resourceVersion: undefined });
  }
  const { client, namespace } = context;
  const whole = await client.list(podTemplates, { namespace });
  assert.equal(whole.items.length, total);
  assert.equal(whole.metadata.continue || undefined, undefined);
}

async function expired(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const limit = 40;
  await createMany(context);
  const first = await client.list(podTemplates, { namespace, limit });
  assert.equal(first.items.length, limit);
  assert.equal(first.metadata.remainingItemCount, total - limit);
  let goOn = '';
  await context.eventually(
    'the first token expires',
    async () => {
      // Time alone compacts nothing that is the newest state: there has to be later history.
      await client.patch(podTemplates, { namespace, name: nameOf(0) }, 'merge', {
        metadata: { annotations: { touched: String(performance.now()) } },
      });
      try {
        await client.list(podTemplates, { namespace, limit, continue: first.metadata.continue! });
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        return false;
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 410) throw error;
        assert.equal(error.reason, 'Expired');
        goOn = error.status.metadata.continue ?? '';
        return true;
      }
    },
    expiryMs,
  );
  assert.notEqual(goOn, '', 'the refusal offers a token to go on with');
  const second = await client.list(podTemplates, { namespace, limit, continue: goOn });
  assert.equal(second.items.length, limit);
  assert.equal(second.items[0]?.metadata.name, nameOf(limit));
  assert.notEqual(second.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(second.metadata.remainingItemCount, total - 2 * limit);
  await readRest(context, limit, {
    from: 2 * limit,
    token: second.metadata.continue,
    resourceVersion: second.metadata.resourceVersion,
  });
}

const title = '[sig-api-machinery] Servers with support for API chunking';

export const chunking: readonly Behaviour[] = [
  behaviour(`${title} should return chunks of results for list calls [Conformance]`, chunks),
  {
    codename: `${title} should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]`,
    run: expired,
    limitMs: expiryMs + 60_000,
  },
];

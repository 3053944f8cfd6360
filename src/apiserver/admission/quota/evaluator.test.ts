import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { conflict, notFound, StatusError } from '#api/meta/status.ts';
import { quotaLookUps } from '#testing/objects/quota-look-ups.ts';
import { storedMetadata } from '#testing/objects.ts';
import { someone } from '../../testing/admission.ts';
import type { Quota, QuotaRequest } from './check-request.ts';
import { QuotaEvaluator, type QuotaStore } from './evaluator.ts';

const namespace = 'default';
const counted = 'count/configmaps';

function quota(name: string, hard: number, used: number): Quota {
  return {
    metadata: storedMetadata(name, { namespace }),
    spec: { hard: { [counted]: String(hard) } },
    status: { hard: { [counted]: String(hard) }, used: { [counted]: String(used) } },
  };
}

/** Quotas as a server stores them; `cached` is what this server knows of them. */
class StoredQuotas implements QuotaStore {
  readonly #stored = new Map<string, Quota>();
  cached: Quota[];
  writes = 0;
  /** Called before each write: what another server does meanwhile. */
  meanwhile = () => {};

  constructor(...quotas: Quota[]) {
    this.cached = quotas;
    for (const quota of quotas) this.#stored.set(quota.metadata.name, quota);
  }

  list(): readonly Quota[] {
    return this.cached;
  }

  /** As another server writes. */
  set(name: string, used: number): void {
    const current = this.#stored.get(name)!;
    const resourceVersion = String(Number(current.metadata.resourceVersion) + 1);
    this.#stored.set(name, {
      ...current,
      metadata: { ...current.metadata, resourceVersion },
      status: { ...current.status, used: { [counted]: String(used) } },
    });
  }

  remove(name: string): void {
    this.#stored.delete(name);
  }

  usedOf(name: string): string | undefined {
    return this.#stored.get(name)?.status?.used?.[counted];
  }

  readonly serverClient = {
    get: async (_: ResourceType, _namespace: string, name: string): Promise<AnyObject> => {
      const found = this.#stored.get(name);
      if (!found) throw notFound(resourceQuotas, name);
      return found as AnyObject;
    },
    guaranteedUpdate: async (
      _: ResourceType,
      _namespace: string,
      name: string,
      change: (object: AnyObject) => AnyObject,
    ): Promise<AnyObject> => {
      this.writes++;
      this.meanwhile();
      const current = this.#stored.get(name);
      if (!current) throw notFound(resourceQuotas, name);
      const changed = change(current as AnyObject) as unknown as Quota;
      if (changed.metadata.resourceVersion !== current.metadata.resourceVersion) {
        throw conflict(resourceQuotas, name, 'the object has been modified');
      }
      this.set(name, Number(changed.status?.used?.[counted]));
      return this.#stored.get(name) as unknown as AnyObject;
    },
  };
}

function creation(name: string, { dryRun = false } = {}): QuotaRequest {
  const object = { metadata: { name, namespace } };
  return {
    attributes: {
      operation: 'CREATE',
      type: configMaps,
      subresource: '',
      namespace,
      name,
      object,
      user: someone,
      dryRun,
      warn() {},
    },
    kind: { type: configMaps },
    nowMs: 0,
    lookUps: quotaLookUps(),
  };
}

/** `admitted`, or the refusal. */
async function outcomesOf(evaluator: QuotaEvaluator, requests: QuotaRequest[]): Promise<string[]> {
  const all = await Promise.allSettled(requests.map((request) => evaluator.evaluate(request)));
  return all.map((outcome) =>
    outcome.status === 'fulfilled' ? 'admitted' : (outcome.reason as Error).message,
  );
}

const exceeded = (name: string, used: number, limited: number) =>
  `configmaps "${name}" is forbidden: exceeded quota: q, requested: ${counted}=1, used: ${counted}=${used}, limited: ${counted}=${limited}`;

test('a burst of one namespace – more than there is room for – is admitted up to it, in few writes', async () => {
  const store = new StoredQuotas(quota('q', 3, 0));
  const names = ['a', 'b', 'c', 'd', 'e'];
  const outcomes = await outcomesOf(
    new QuotaEvaluator(store),
    names.map((name) => creation(name)),
  );
  assert.deepEqual(outcomes, ['admitted', 'admitted', 'admitted', exceeded('d', 3, 3), exceeded('e', 3, 3)]);
  assert.equal(store.usedOf('q'), '3');
  // The first goes alone; those that came while it was written go together.
  assert.equal(store.writes, 2);
});

test('two quotas – with room in the first quota only – refuse, and nothing is reserved in either', async () => {
  const store = new StoredQuotas(quota('wide', 9, 0), quota('q', 1, 1));
  assert.deepEqual(await outcomesOf(new QuotaEvaluator(store), [creation('a')]), [exceeded('a', 1, 1)]);
  assert.deepEqual([store.usedOf('wide'), store.writes], ['0', 0]);
});

test('a dry run – with and without room – is answered, and reserves nothing', async () => {
  const evaluator = new QuotaEvaluator(new StoredQuotas(quota('q', 1, 0)));
  assert.deepEqual(await outcomesOf(evaluator, [creation('a', { dryRun: true })]), ['admitted']);
  const full = new StoredQuotas(quota('q', 1, 1));
  const outcomes = await outcomesOf(new QuotaEvaluator(full), [creation('a', { dryRun: true })]);
  assert.deepEqual([outcomes, full.writes], [[exceeded('a', 1, 1)], 0]);
});

test('a quota that another server has written – with room left, with none left – is read again and decides', async () => {
  const roomy = new StoredQuotas(quota('q', 3, 0));
  roomy.set('q', 2);
  assert.deepEqual(await outcomesOf(new QuotaEvaluator(roomy), [creation('a')]), ['admitted']);
  assert.deepEqual([roomy.usedOf('q'), roomy.writes], ['3', 2]);
  const full = new StoredQuotas(quota('q', 3, 0));
  full.set('q', 3);
  assert.deepEqual(await outcomesOf(new QuotaEvaluator(full), [creation('a')]), [exceeded('a', 3, 3)]);
  assert.deepEqual([full.usedOf('q'), full.writes], ['3', 1]);
});

test('a quota that this server has written – its cache has not seen it yet – is known all the same', async () => {
  const store = new StoredQuotas(quota('q', 2, 0));
  const evaluator = new QuotaEvaluator(store);
  const outcomes = await outcomesOf(
    evaluator,
    ['a', 'b', 'c'].map((name) => creation(name)),
  );
  assert.deepEqual(outcomes, ['admitted', 'admitted', exceeded('c', 2, 2)]);
  // No write was lost on the old version.
  assert.equal(store.writes, 2);
});

test('a quota – that was deleted meanwhile – limits nothing', async () => {
  const store = new StoredQuotas(quota('q', 1, 0));
  store.remove('q');
  assert.deepEqual(await outcomesOf(new QuotaEvaluator(store), [creation('a')]), ['admitted']);
});

test('a quota – that other servers write all the time – ends in the conflict, after twenty tries', async () => {
  const store = new StoredQuotas(quota('q', 1000, 0));
  store.meanwhile = () => store.set('q', Number(store.usedOf('q')) + 1);
  await assert.rejects(
    new QuotaEvaluator(store).evaluate(creation('a')),
    (error) => error instanceof StatusError && error.code === 409,
  );
  assert.equal(store.writes, 20);
});

test('a failing store – for one batch – fails its requests, and the next ones are decided', async () => {
  const store = new StoredQuotas(quota('q', 5, 0));
  const evaluator = new QuotaEvaluator(store);
  store.meanwhile = () => {
    throw new Error('no space left');
  };
  assert.deepEqual(await outcomesOf(evaluator, [creation('a')]), ['no space left']);
  store.meanwhile = () => {};
  assert.deepEqual(await outcomesOf(evaluator, [creation('a')]), ['admitted']);
});

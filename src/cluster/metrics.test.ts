/** The metrics of a whole cluster beside upstream's list of stable and beta metrics, and the page that says what is absent. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { deployments, pods, services } from '#api/generated/kinds.gen.ts';
import { isPodReady } from '#api/pods/state.ts';
import { bodyText } from '#client/transport/body.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemClock } from '#host/system-env.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { informerShows } from './readiness.ts';

const page = readFileSync(`${import.meta.dirname}/../../docs/reference/metrics.md`, 'utf8');
/** By name, the reason. */
const absent = new Map(
  page
    .slice(page.indexOf('## Absent'), page.indexOf("Of upstream's alpha metrics"))
    .split('\n')
    .flatMap((line) => {
      const [, names = '', why = ''] = /^\| (`.*`) \| (.+) \|$/.exec(line) ?? [];
      return [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name!, why] as const);
    }),
);

interface Family {
  type: string;
  readonly labels: Set<string>;
}

/** Those of buckets are no labels of the metric. */
const ofBuckets = new Set(['le']);

function familiesIn(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let family: Family = { type: '', labels: new Set() };
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name && type) {
      family = { type, labels: new Set() };
      families.set(name, family);
    }
    if (line.startsWith('#')) continue;
    for (const [, label] of line.matchAll(/(\w+)="/g)) if (!ofBuckets.has(label!)) family.labels.add(label!);
  }
  return families;
}

/** As a scraper with the rights of an administrator reads it. */
function scraper({ url, kubeconfig }: Cluster) {
  const pem = (field: string) =>
    Buffer.from(new RegExp(`${field}: (\\S+)`).exec(kubeconfig)![1]!, 'base64').toString();
  const transport = httpsTransport({
    server: url,
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  });
  return {
    read: async (path: string) => bodyText(await transport.request({ method: 'GET', path, headers: {} })),
    close: () => transport.close(),
  };
}

async function use({ client, informers }: Cluster): Promise<void> {
  const labels = { app: 'web' };
  const at = { name: 'web', namespace: 'default' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'busybox' }] } };
  await client.create(deployments, { metadata: at, spec: { selector: { matchLabels: labels }, template } });
  await client.create(services, { metadata: at, spec: { selector: labels, ports: [{ port: 80 }] } });
  await informerShows(informers.for(pods), systemClock, 30_000, 'a ready pod', (found) =>
    found.some((pod) => isPodReady(pod)),
  );
  await client.list(pods, { namespace: 'default' });
}

describe('the metrics of a cluster – beside those of upstream', () => {
  let cluster: Cluster;
  const families = new Map<string, Family>();

  before(async () => {
    cluster = await startCluster({ simulatedNodes: 1 });
    await use(cluster);
    const { read, close } = scraper(cluster);
    for (const path of ['/readyz', '/metrics', '/metrics/slis']) {
      for (const [name, family] of familiesIn(await read(path))) families.set(name, family);
    }
    await close();
  });

  after(() => cluster.stop());

  for (const [name, type, level, labels = ''] of upstreamTable<[string, string, string, string]>(
    'metrics.tsv',
  )) {
    test(`${name} – ${level.toLowerCase()} – is there with its labels, or absent with a reason`, () => {
      const family = families.get(name);
      if (absent.has(name)) {
        assert.equal(family, undefined, 'the page says that it is absent');
        return;
      }
      assert.ok(family, 'neither there nor said to be absent');
      assert.equal(family.type, type);
      if (family.labels.size > 0) assert.deepEqual([...family.labels].sort().join(), labels);
    });
  }

  test('the page – of what is absent – names nothing that is there', () => {
    assert.deepEqual(
      [...absent.keys()].filter((name) => families.has(name)),
      [],
    );
  });
});

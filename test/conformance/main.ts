/**
 * `npm run conformance`: runs the behaviours that define Kubernetes against a real cluster and prints, for
 * each area, how many passed, failed and are not written. `--area a,b` picks areas, `--only text` codenames,
 * `-j N` how many run at once (what upstream marks [Serial] runs alone, after the others), `--json FILE`
 * writes the results, `--simulated` takes simulated nodes instead of a real one (what needs real containers
 * then fails). Exits with 1 when a written behaviour fails, or a namespace that one used never goes;
 * interrupted, it deletes its cluster first.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { adminTransport } from '#cli/shared/admin-transport.ts';
import type { Client } from '#client/client.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.ts';
import { addBusybox, addNginx } from '../support/images.ts';
import { cleanUpWhenInterrupted } from '../support/interruption.ts';
import { areas } from './areas.ts';
import { type Behaviour, images } from './behaviour.ts';
import { ownNamespaces, type Result, runBehaviour } from './run-behaviour.ts';

interface Fact {
  readonly area: string;
  readonly codename: string;
}

const { values: flags } = parseArgs({
  options: {
    area: { type: 'string' },
    only: { type: 'string', default: '' },
    jobs: { type: 'string', short: 'j', default: '4' },
    json: { type: 'string' },
    simulated: { type: 'boolean', default: false },
  },
});

let namespacesRemain = false;
const simulatedNodes = ['--nodes', '0', '--simulated', '2', '--store', 'memory'];
const facts: Fact[] = JSON.parse(readFileSync(join(import.meta.dirname, 'behaviours.gen.json'), 'utf8'));
const wanted = facts.filter((fact) => inArea(fact.area) && fact.codename.includes(flags.only));
if (wanted.length === 0) {
  console.error(
    `error: no behaviour in area "${flags.area}"\nhint: areas are ${[...new Set(facts.map((fact) => fact.area))].join(' ')}`,
  );
  process.exit(2);
}
const written = new Map(
  Object.values(areas).flatMap((list) => list.map((behaviour) => [behaviour.codename, behaviour])),
);
refuseUnknown();
const toRun = wanted.flatMap((fact) => written.get(fact.codename) ?? []);
const results = toRun.length > 0 ? await runAll(toRun) : [];
report(wanted, results);

function inArea(area: string): boolean {
  return (
    flags.area === undefined ||
    flags.area.split(',').some((wanted) => area === wanted || area.startsWith(`${wanted}/`))
  );
}

/** A test under a codename that upstream does not have would never be counted. */
function refuseUnknown(): void {
  const known = new Set(facts.map((fact) => fact.codename));
  const unknown = [...written.keys()].filter((codename) => !known.has(codename));
  if (unknown.length === 0) return;
  console.error(
    `error: no such behaviour:\n${unknown.join('\n')}\nhint: take codenames from behaviours.gen.json`,
  );
  process.exit(2);
}

async function runAll(list: readonly Behaviour[]): Promise<Result[]> {
  cleanUpWhenInterrupted();
  console.log('starting a cluster');
  const cluster = await startTestCluster(flags.simulated ? simulatedNodes : [], 'conformance');
  const admin = adminTransport(
    readFileSync(join(cluster.home, 'clusters/conformance/admin.kubeconfig'), 'utf8'),
  );
  try {
    if (!flags.simulated) await addImages(cluster);
    const done: Result[] = [];
    const runSome = async (some: readonly Behaviour[], jobs: number) => {
      let next = 0;
      const worker = async () => {
        while (next < some.length) {
          const behaviour = some[next++]!;
          const result = await runBehaviour(behaviour, cluster, admin.client, list.indexOf(behaviour));
          done.push(result);
          console.log(
            `${done.length}/${list.length} ${result.failure === undefined ? 'ok    ' : 'FAILED'} ${result.durationMs} ms ${result.codename}`,
          );
          if (result.failure !== undefined) console.log(`    ${result.failure.slice(0, 2000)}`);
        }
      };
      await Promise.all(Array.from({ length: jobs }, worker));
    };
    const isSerial = ({ codename }: Behaviour) => codename.includes('[Serial]');
    await runSome(
      list.filter((behaviour) => !isSerial(behaviour)),
      Number(flags.jobs),
    );
    await runSome(list.filter(isSerial), 1);
    await everyNamespaceGoes(admin.client);
    return done;
  } finally {
    await admin.close();
    await cluster.dispose();
  }
}

/**
 * Whatever a behaviour made, the cluster can get rid of it; a namespace that stays is a failure of its own.
 */
async function everyNamespaceGoes(client: Client): Promise<void> {
  const remaining = async () => {
    const { items } = await client.list(namespaces, { labelSelector: ownNamespaces });
    assert.deepEqual(
      items.map(({ metadata, status }) => ({ name: metadata.name, conditions: status?.conditions })),
      [],
    );
    return true;
  };
  await eventually('every namespace of a behaviour is gone', remaining, 180_000).catch((error: Error) => {
    console.log(error.message);
    namespacesRemain = true;
  });
}

async function addImages(cluster: TestCluster): Promise<void> {
  await addBusybox(cluster, images.busybox);
  await addNginx(cluster, images.nginx, 'one\n');
  await addNginx(cluster, images.nginxNew, 'two\n');
}

function report(all: readonly Fact[], done: readonly Result[]): void {
  const byCodename = new Map(done.map((result) => [result.codename, result]));
  const rows = [...new Set(all.map((fact) => fact.area))].map((area) => {
    const found = all.filter((fact) => fact.area === area).map((fact) => byCodename.get(fact.codename));
    const passed = found.filter((result) => result && result.failure === undefined).length;
    const failed = found.filter((result) => result?.failure !== undefined).length;
    return { area, passed, failed, 'not written': found.length - passed - failed };
  });
  const sum = (key: 'passed' | 'failed' | 'not written') => rows.reduce((total, row) => total + row[key], 0);
  rows.push({ area: 'all', passed: sum('passed'), failed: sum('failed'), 'not written': sum('not written') });
  console.table(rows);
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ rows, results: done }, null, 2)}\n`);
  process.exitCode = rows.at(-1)!.failed > 0 || namespacesRemain ? 1 : 0;
}

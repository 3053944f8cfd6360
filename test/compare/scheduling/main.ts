/**
 * `npm run compare-scheduling -- --peer https://127.0.0.1:6443 --token T`: the same nodes and pods for kybern's scheduler
 * in this process and for a kube-scheduler v1.36 on a kube-apiserver without the admission plugin ServiceAccount; prints
 * where the conditions and events of the pods differ.
 */

import { parseArgs } from 'node:util';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemEnv } from '#host/system-env.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { play, prepare } from './play.ts';
import { scenarios } from './scenarios.ts';

const { values } = parseArgs({
  options: { peer: { type: 'string' }, token: { type: 'string', default: '' }, only: { type: 'string' } },
});
if (values.peer === undefined) {
  throw new Error('usage: npm run compare-scheduling -- --peer URL --token TOKEN');
}

const env = systemEnv();
const configuration = { arguments: { 'disable-admission-plugins': ['ServiceAccount'] } };
await using api = await startTestServer({ setup: 'kubernetes', env, configuration });
const informers = createInformers(api.client, env);
const scheduler = startScheduler({ env, client: api.client, informers });
const transport = httpsTransport({ server: values.peer, token: values.token, insecureSkipTlsVerify: true });
const clients = [api.client, createClient(transport)];
for (const client of clients) await prepare(client);

let differing = 0;
for (const scenario of scenarios) {
  if (values.only && scenario.title !== values.only) continue;
  const [own = [], other = []] = await Promise.all(clients.map((client) => play(client, scenario)));
  const missing = other.filter((line) => !own.includes(line));
  const added = own.filter((line) => !other.includes(line));
  differing += missing.length + added.length > 0 ? 1 : 0;
  console.log(
    `${scenario.title}: ${missing.length + added.length === 0 ? `${own.length} lines are equal` : 'differs'}`,
  );
  for (const line of missing) console.log(`  upstream: ${line}`);
  for (const line of added) console.log(`  kybern:   ${line}`);
}
scheduler.stop();
informers.stop();
await transport.close?.();
process.exit(differing > 0 ? 1 : 0);

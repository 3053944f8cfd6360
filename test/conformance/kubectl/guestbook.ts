/**
 * A guestbook of three tiers: a primary that keeps the entries, replicas that copy them, a frontend that writes to
 * the one and reads from the others. They find each other by service names.
 */

import assert from 'node:assert/strict';
import { type BehaviourContext, behaviour } from '../behaviour.ts';
import { askService } from '../workloads.ts';
import { apply, deployment, runningPods, scripted, service } from './manifests.ts';

const port = 8080;
const serve = `exec httpd -f -p ${port} -h /srv`;

/** Writes a CGI program; single quotes keep its text from the shell that writes it. */
const cgi = (name: string, body: string) =>
  `mkdir -p /srv/cgi-bin; printf '%s\\n' '#!/bin/sh' 'echo "Content-Type: text/plain"; echo' '${body}' > /srv/cgi-bin/${name}; chmod +x /srv/cgi-bin/${name}`;

/** Asks another tier; the name is looked up first, since wget of a static busybox cannot. */
const wget = (namespace: string, tier: string, path: string) =>
  `wget -q -T 5 -O - "http://$(nslookup guestbook-${tier}.${namespace}.svc.cluster.local | sed -n "s/^Address: //p" | tail -n 1):${port}${path}"`;

const primary = `${cgi('set', 'echo "$QUERY_STRING" >> /srv/entries; echo stored')}; touch /srv/entries; ${serve}`;

function replica(namespace: string): string {
  const copy = `${wget(namespace, 'primary', '/entries')} > /srv/next && mv /srv/next /srv/entries`;
  return `mkdir -p /srv; touch /srv/entries; (while true; do ${copy}; sleep 1; done) & ${serve}`;
}

function frontend(namespace: string): string {
  const write = cgi('write', wget(namespace, 'primary', '/cgi-bin/set?$QUERY_STRING'));
  return [write, cgi('read', wget(namespace, 'replica', '/entries')), serve].join('; ');
}

async function guestbookWorks(context: BehaviourContext): Promise<void> {
  const tiers = [
    { tier: 'primary', replicas: 1, script: primary },
    { tier: 'replica', replicas: 2, script: replica(context.namespace) },
    { tier: 'frontend', replicas: 3, script: frontend(context.namespace) },
  ];
  for (const { tier, replicas, script } of tiers) {
    const labels = { app: 'guestbook', tier };
    await apply(
      context,
      service(`guestbook-${tier}`, labels, port),
      deployment(`guestbook-${tier}`, replicas, labels, scripted(tier, script, port)),
    );
  }
  for (const { tier, replicas } of tiers) await runningPods(context, `app=guestbook,tier=${tier}`, replicas);
  const ask = (path: string) => askService(context, 'guestbook-frontend', port, path);
  await context.eventually(
    'the frontend reads nothing yet',
    async () => (await ask('/cgi-bin/read')).trim() === '',
  );
  await context.eventually('an entry is stored', async () => {
    assert.equal((await ask('/cgi-bin/write?hello-from-a-guest')).trim(), 'stored');
    return true;
  });
  await context.eventually('every replica tells the entry', async () => {
    for (let round = 0; round < 6; round++) assert.match(await ask('/cgi-bin/read'), /hello-from-a-guest/);
    return true;
  });
  await context.kubectl('delete', 'deployments,services', '-l', 'app=guestbook', '--ignore-not-found');
  for (const { tier } of tiers)
    await context.kubectl('delete', 'deployment', `guestbook-${tier}`, '--ignore-not-found');
  await runningPods(context, 'app=guestbook', 0);
}

export const guestbook = behaviour(
  '[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]',
  guestbookWorks,
);

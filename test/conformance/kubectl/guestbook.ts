/**
 * A guestbook of three tiers: a primary that keeps the entries, replicas that copy them, a frontend that
 * writes to the one and reads from the others. They find each other by service names.
 */

import assert from 'node:assert/strict';
import { type BehaviourContext, behaviour } from '../behaviour.ts';
import { askService } from '../shared/workloads.ts';
import { apply, deployment, listOf, type Manifest, runningPods, scripted, service } from './manifests.ts';

const port = 8080;
const serve = `exec httpd -f -p ${port} -h /srv`;

/** Writes a CGI program; single quotes keep its text from the shell that writes it. */
const cgi = (name: string, body: string) =>
  `mkdir -p /srv/cgi-bin; printf '%s\\n' '#!/bin/sh' 'echo "Content-Type: text/plain"; echo' '${body}' > /srv/cgi-bin/${name}; chmod +x /srv/cgi-bin/${name}`;

/** Asks another tier by its service's name. Debian's busybox has no -T of wget: it crashes on it. */
const wget = (tier: string, path: string) =>
  `timeout 5 wget -q -O - "http://guestbook-${tier}:${port}${path}"`;

const primary = `${cgi('set', 'echo "$QUERY_STRING" >> /srv/entries; echo stored')}; touch /srv/entries; ${serve}`;
const copy = `${wget('primary', '/entries')} > /srv/next && mv /srv/next /srv/entries`;
const replica = `mkdir -p /srv; touch /srv/entries; (while true; do ${copy}; sleep 1; done) & ${serve}`;
const frontend = [
  cgi('write', wget('primary', '/cgi-bin/set?$QUERY_STRING')),
  cgi('read', wget('replica', '/entries')),
  serve,
].join('; ');

const tiers = [
  { tier: 'primary', replicas: 1, script: primary },
  { tier: 'replica', replicas: 2, script: replica },
  { tier: 'frontend', replicas: 3, script: frontend },
];

function manifests(): Manifest[] {
  return tiers.flatMap(({ tier, replicas, script }) => {
    const labels = { app: 'guestbook', tier };
    return [
      service(`guestbook-${tier}`, labels, port),
      deployment(`guestbook-${tier}`, replicas, labels, scripted(tier, script, port)),
    ];
  });
}

async function guestbookWorks(context: BehaviourContext): Promise<void> {
  await apply(context, ...manifests());
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
  await context.eventually('every replica shows the entry', async () => {
    for (let round = 0; round < 6; round++) assert.match(await ask('/cgi-bin/read'), /hello-from-a-guest/);
    return true;
  });
  await context.kubectlInput(listOf(manifests()), 'delete', '--grace-period=0', '--force', '-f', '-');
  await runningPods(context, 'app=guestbook', 0);
}

export const guestbook = behaviour(
  '[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]',
  guestbookWorks,
);

/** `kybern token`: bootstrap tokens, by which machines join a cluster, as `kubeadm token` makes them. */

import { Option } from 'commander';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import type { Secret } from '#api/generated/types.gen.ts';
import { parseGoDuration } from '#api/go/duration.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import {
  bootstrapTokenSecret,
  bootstrapTokenType,
  expiryMs,
  newBootstrapToken,
  parseBootstrapToken,
  textOfKey,
} from '#api/values/bootstrap-token.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { publicKeyPin } from '#pki/certificate.ts';
import { withAdmin } from '../../shared/admin-transport.ts';
import { configOf, nameOption } from '../../shared/cluster-option.ts';
import { type CliContext, defineCommand } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';
import { textTable } from '../../shared/table.ts';
import { readClusterInfo } from './cluster-info.ts';

interface CreateFlags {
  readonly name: string;
  /** In milliseconds; 0: for ever. */
  readonly ttl: number;
  readonly description?: string;
  readonly printJoinCommand?: boolean;
}

const nsPerMs = 1_000_000n;
const namespace = 'kube-system';
const secondMs = 1000;

export const token = defineCommand((program, context) => {
  const tokens = program.command('token').description('tokens by which machines join a cluster');
  tokens
    .command('create')
    .description('make a token')
    .addOption(nameOption())
    .addOption(
      new Option('--ttl <duration>', 'how long it is valid; 0 for ever')
        .default(24 * 3600_000, '24h')
        .argParser(ttlMs),
    )
    .option('--description <text>', 'what it is for, shown by list')
    .option('--print-join-command', 'print the command that the other machine runs')
    .action((flags: CreateFlags) => create(flags, context));
  tokens
    .command('list')
    .description('the tokens of a cluster')
    .addOption(nameOption())
    .action(async ({ name }: { name: string }) => context.print(await withAdmin(name, listed)));
  tokens
    .command('delete')
    .description('delete a token: machines that have joined by it stay')
    .argument('<token>', 'the token, or its first six characters')
    .addOption(nameOption())
    .action(async (text: string, { name }: { name: string }) => {
      const id = parseBootstrapToken(text)?.id ?? text;
      await withAdmin(name, (client) => remove(client, id));
      context.print(`bootstrap token "${id}" deleted`);
    });
});

function ttlMs(text: string): number {
  try {
    const ms = Number(parseGoDuration(text) / nsPerMs);
    if (ms === 0 || ms >= secondMs) return ms;
  } catch {
    // As any other text that is no duration.
  }
  throw new Problem(`--ttl ${text} is not a duration of a second or more`, 'try: --ttl 24h');
}

async function create({ name, ttl, description, printJoinCommand }: CreateFlags, context: CliContext) {
  if (printJoinCommand) mustServeOthers(name);
  const made = newBootstrapToken(systemRandom);
  const text = `${made.id}.${made.secret}`;
  const expiresAtMs = ttl === 0 ? undefined : systemClock.now() + ttl;
  const answer = await withAdmin(name, async (client) => {
    await client.create(secrets, bootstrapTokenSecret(made, { expiresAtMs, description }));
    return printJoinCommand ? joinCommand(client, text) : text;
  });
  context.print(answer);
}

function mustServeOthers(name: string): void {
  if (configOf(name).address) return;
  throw new Problem(
    `cluster ${name} is reached by this machine alone`,
    `kybern down --name ${name}, then: kybern up --name ${name} --address ADDRESS-OF-THIS-MACHINE`,
  );
}

async function joinCommand(client: Client, text: string): Promise<string> {
  const { data } = await client.get(configMaps, { namespace: 'kube-public', name: 'cluster-info' });
  const info = readClusterInfo(data?.['kubeconfig']);
  if (!info) {
    throw new Problem(
      'ConfigMap kube-public/cluster-info has no kubeconfig',
      'delete it, then kybern down and up',
    );
  }
  return `kybern join ${info.server} --token ${text} --ca-hash ${publicKeyPin(info.caPem)}`;
}

async function listed(client: Client): Promise<string> {
  const { items } = await client.list(secrets, { namespace, fieldSelector: `type=${bootstrapTokenType}` });
  const rows = items.map(rowOf).sort(([a = ''], [b = '']) => a.localeCompare(b));
  return textTable([['TOKEN', 'EXPIRES', 'USAGES', 'DESCRIPTION'], ...rows]);
}

/** The secret half stays out: who has lost it makes another. */
function rowOf(secret: Stored<Secret>): string[] {
  const expiresMs = expiryMs(secret);
  const usages = ['authentication', 'signing'].filter(
    (usage) => textOfKey(secret, `usage-bootstrap-${usage}`) === 'true',
  );
  return [
    textOfKey(secret, 'token-id'),
    expiresMs === undefined ? 'never' : rfc3339(expiresMs),
    usages.join(','),
    textOfKey(secret, 'description') || '-',
  ];
}

async function remove(client: Client, id: string): Promise<void> {
  try {
    await client.delete(secrets, { namespace, name: `bootstrap-token-${id}` });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    throw new Problem(`there is no token ${id}`, 'kybern token list shows those there are');
  }
}

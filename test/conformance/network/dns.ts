/** Names that the cluster's DNS and a pod's own files know. */

import assert from 'node:assert/strict';
import { endpoints, services } from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { podOf, runToEnd, shell, start } from '../common/running.ts';
import { change } from '../shared/workloads.ts';
import { createService, naming, resolves, resolvesPartly, startAsker, startNamingPods } from './asking.ts';

const domain = 'cluster.local';

/** A pod with a host name of its own under a headless service, which finds pods by its label. */
async function startNamedPod(context: BehaviourContext): Promise<{ ip: string; fqdn: string }> {
  const selector = { name: 'querier' };
  await createService(context, 'dns-test', {
    clusterIP: 'None',
    selector,
    ports: [{ name: 'http', port: 80 }],
  });
  const spec: Partial<PodSpec> = { hostname: 'querier-host', subdomain: 'dns-test' };
  const pod = await start(context, podOf(context, 'querier', {}, spec));
  const fqdn = `querier-host.dns-test.${context.namespace}.svc.${domain}`;
  return { ip: pod.status!.podIP!, fqdn };
}

async function ownNames(context: BehaviourContext): Promise<{ ip: string; fqdn: string }> {
  const named = await startNamedPod(context);
  const hosts = await context.exec('querier', ['cat', '/etc/hosts']);
  const line = hosts.split('\n').find((text) => text.startsWith(`${named.ip}\t`)) ?? '';
  assert.deepEqual(line.split(/\s+/).slice(1), [named.fqdn, 'querier-host'], hosts);
  return named;
}

/** The two services of the names tests: one with an address, one without. */
async function startServices(context: BehaviourContext): Promise<{ ip: string; podIp: string }> {
  const { client, namespace } = context;
  await startAsker(context);
  await startNamingPods(context, 1);
  const ports = [{ name: 'http', port: 80, targetPort: 9376, protocol: 'TCP' as const }];
  const { spec } = await createService(context, 'plain', { ...naming, ports });
  await createService(context, 'headless', { ...naming, ports, clusterIP: 'None' });
  const podIp = await context.eventually('the headless service has an endpoint', async () => {
    const { subsets } = await client.get(endpoints, { namespace, name: 'headless' });
    return subsets?.[0]?.addresses?.[0]?.ip ?? false;
  });
  return { ip: spec!.clusterIP!, podIp: podIp as string };
}

async function provesServiceNames(
  context: BehaviourContext,
  suffixes: readonly string[],
  shows: typeof resolvesPartly,
): Promise<{ ip: string; podIp: string }> {
  const made = await startServices(context);
  const { ip, podIp } = made;
  const { namespace } = context;
  for (const suffix of suffixes) {
    await shows(context, 'a', `plain${suffix}`, ip);
    await shows(context, 'a', `headless${suffix}`, podIp);
  }
  for (const name of ['plain', 'headless']) {
    for (const suffix of suffixes.filter((suffix) => suffix.includes('.svc'))) {
      await shows(context, 'srv', `_http._tcp.${name}${suffix}`, `.${namespace}.svc.${domain}`);
    }
  }
  return made;
}

function reverse(ip: string): string {
  return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
}

export const dns: readonly Behaviour[] = [
  behaviour('[sig-network] DNS should provide DNS for the cluster [Conformance]', async (context) => {
    await startAsker(context);
    const { spec } = await context.client.get(services, { namespace: 'default', name: 'kubernetes' });
    for (const name of [`kubernetes.default.svc.${domain}`, `kubernetes.default.svc.${domain}.`]) {
      await resolves(context, 'a', name, spec!.clusterIP!);
    }
    const printed = await context.exec('asker', shell('ping -c 1 -W 1 kubernetes.default | head -1; true'));
    assert.match(
      printed,
      new RegExp(`kubernetes\\.default \\(${spec!.clusterIP!.replaceAll('.', '\\.')}\\)`),
    );
  }),
  behaviour(
    '[sig-network] DNS should provide /etc/hosts entries for the cluster [Conformance]',
    async (context) => {
      const { ip, fqdn } = await ownNames(context);
      for (const name of [fqdn, 'querier-host']) {
        const printed = await context.exec('querier', shell(`ping -c 1 -W 1 ${name} | head -1`));
        assert.ok(printed.startsWith(`PING ${name} (${ip})`), printed);
      }
    },
  ),
  behaviour('[sig-network] DNS should provide DNS for services [Conformance]', async (context) => {
    const { namespace } = context;
    const fqdn = `${namespace}.svc.${domain}`;
    const { ip, podIp } = await provesServiceNames(context, [`.${fqdn}`], resolves);
    await resolves(context, 'ptr', reverse(ip), `name = plain.${fqdn}`);
    for (const suffix of ['', `.${namespace}`, `.${namespace}.svc`]) {
      await resolvesPartly(context, 'a', `plain${suffix}`, ip);
      await resolvesPartly(context, 'a', `headless${suffix}`, podIp);
    }
  }),
  behaviour(
    '[sig-network] DNS should resolve DNS of partial qualified names for services [LinuxOnly] [Conformance]',
    async (context) => {
      const { namespace } = context;
      await provesServiceNames(context, ['', `.${namespace}`, `.${namespace}.svc`], resolvesPartly);
    },
  ),
  behaviour('[sig-network] DNS should provide DNS for pods for Hostname [Conformance]', async (context) => {
    const { ip, fqdn } = await ownNames(context);
    await startAsker(context);
    await resolves(context, 'a', fqdn, ip);
    await context.eventually('the pod finds itself by its short name', async () => {
      return (await context.exec('querier', shell('ping -c 1 querier-host | head -1'))).includes(`(${ip})`);
    });
  }),
  behaviour('[sig-network] DNS should provide DNS for pods for Subdomain [Conformance]', async (context) => {
    const { ip, fqdn } = await startNamedPod(context);
    await startAsker(context);
    await resolves(context, 'a', fqdn, ip);
    await resolves(context, 'a', `dns-test.${context.namespace}.svc.${domain}`, ip);
  }),
  behaviour(
    '[sig-network] DNS should provide DNS for ExternalName services [Conformance]',
    async (context) => {
      const { client, namespace } = context;
      const key = { namespace, name: 'outside' };
      const fqdn = `outside.${namespace}.svc.${domain}`;
      await startAsker(context);
      await createService(context, 'outside', { type: 'ExternalName', externalName: 'foo.example.com' });
      await resolves(context, 'cname', fqdn, 'canonical name = foo.example.com');
      await change(client, services, key, ({ spec }) => {
        spec!.externalName = 'bar.example.com';
      });
      await resolves(context, 'cname', fqdn, 'canonical name = bar.example.com');
      const changed = await change(client, services, key, ({ spec }) => {
        spec!.type = 'ClusterIP';
        delete spec!.externalName;
        spec!.ports = [{ port: 80, name: 'http', protocol: 'TCP' }];
      });
      assert.match(changed.spec?.clusterIP ?? '', /^\d/);
      await resolves(context, 'a', fqdn, changed.spec!.clusterIP!);
    },
  ),
  behaviour(
    '[sig-network] DNS should support configurable pod DNS nameservers [Conformance]',
    async (context) => {
      const dnsConfig = {
        nameservers: ['1.1.1.1'],
        searches: ['resolv.conf.local'],
        options: [{ name: 'ndots', value: '2' }],
      };
      const pod = podOf(
        context,
        'own',
        { command: ['cat', '/etc/resolv.conf'] },
        { dnsPolicy: 'None', dnsConfig },
      );
      const lines = (await runToEnd(context, pod)).trim().split('\n');
      assert.deepEqual(lines.sort(), ['nameserver 1.1.1.1', 'options ndots:2', 'search resolv.conf.local']);
    },
  ),
];

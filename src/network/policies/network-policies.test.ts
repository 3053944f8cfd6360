import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { namespaces, networkPolicies, pods } from '#api/generated/kinds.gen.ts';
import type { NetworkPolicySpec } from '#api/generated/types.gen.ts';
import { command, tryCommand } from '#host/processes/command.ts';
import { systemEnv } from '#host/system-env.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { policyOf, policyPod } from '#testing/objects/network-policies.ts';
import { RandomPolicyChanges } from '#testing/objects/random-policies.ts';
import { storedMetadata } from '#testing/objects.ts';
import { type PolicyKernel, packetsIn } from './kernel.ts';
import { NetworkPolicies } from './network-policies.ts';
import { PolicyModel } from './policy-model.ts';

const table = 'kybern_test-policy';
const nodeIp = '10.244.0.1';
const ips = { web: '10.244.0.5', client: '10.244.0.6', other: '10.244.0.7' };

const skip =
  process.getuid?.() === 0 && (await tryCommand('nft', ['--version']).catch(() => undefined)) !== undefined
    ? false
    : 'needs root and nft';

/** A shell in an unnamed network namespace, which ends with it. */
async function newNamespace(t: TestContext): Promise<string[]> {
  const shell = spawn('unshare', ['--net', 'sh', '-c', 'echo there; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => shell.stdin.end());
  await once(shell.stdout, 'data');
  return ['nsenter', `--net=/proc/${shell.pid}/ns/net`];
}

function inside([nsenter, ...where]: string[], script: string, input = ''): Promise<string> {
  return command(nsenter!, [...where, 'sh', '-ec', script], { input });
}

/** A node with a bridge and three pods on it, each listening at the TCP ports 80 and 81. */
class TestNode {
  readonly informers = new StaticInformers();
  readonly policies: NetworkPolicies;
  readonly #node: string[];
  readonly #pods: Record<keyof typeof ips, string[]>;

  constructor(node: string[], podNamespaces: Record<keyof typeof ips, string[]>) {
    this.#node = node;
    this.#pods = podNamespaces;
    const kernel: PolicyKernel = {
      run: async (script) => void (await inside(node, 'nft -f -', script)),
      packets: async (name) => packetsIn(await inside(node, `nft -j list counters table inet ${name}`)),
    };
    this.informers.put(namespaces, { metadata: storedMetadata('default') });
    for (const [name, ip] of Object.entries(ips)) {
      this.informers.put(pods, policyPod(name, ip, { labels: { app: name } }));
    }
    this.policies = new NetworkPolicies({
      env: systemEnv(),
      client: undefined as never,
      informers: this.informers,
      nodeName: 'n1',
      frame: { name: table, bridge: 'br0' },
      kernel,
    });
  }

  async apply(spec: NetworkPolicySpec): Promise<void> {
    this.informers.put(networkPolicies, policyOf('p', spec));
    await this.policies.synced();
  }

  /** A connection to a server that sends back what it gets. */
  talk(from: keyof typeof ips, to: string, port: number) {
    const [nsenter, ...where] = this.#pods[from];
    const script = `exec 3<>/dev/tcp/${to}/${port}; cat <&3 & cat >&3`;
    const shell = spawn(nsenter!, [...where, 'bash', '-c', script], { detached: true });
    let heard = 0;
    shell.stdout.on('data', () => heard++);
    return {
      // With the programs that it has started.
      end: () => process.kill(-shell.pid!, 'SIGKILL'),
      /** Whether something comes back within `limitMs`. */
      async echoes(limitMs = 600): Promise<boolean> {
        const before = heard;
        shell.stdin.write('x\n');
        const until = Date.now() + limitMs;
        while (heard === before && Date.now() < until) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return heard > before;
      },
    };
  }

  /** Whether a connection is made within a moment. */
  async reaches(from: keyof typeof ips | 'node', to: string, port = 80): Promise<boolean> {
    const [nsenter, ...where] = from === 'node' ? this.#node : this.#pods[from];
    const script = `exec 3<>/dev/tcp/${to}/${port}`;
    const result = await tryCommand(nsenter!, [...where, 'timeout', '0.4', 'bash', '-c', script]);
    return result.code === 0;
  }
}

const server = `
for (const port of [80, 81]) {
  require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(port, '0.0.0.0');
}
console.log('there');`;

async function startNode(t: TestContext): Promise<TestNode> {
  const node = await newNamespace(t);
  await inside(
    node,
    `ip link set lo up; ip link add br0 type bridge forward_delay 0 nf_call_iptables 1; ip link set br0 up;
     ip address add ${nodeIp}/24 dev br0; echo 1 > /proc/sys/net/ipv4/ip_forward`,
  );
  const podNamespaces: Record<string, string[]> = {};
  for (const [name, ip] of Object.entries(ips)) {
    const pod = await newNamespace(t);
    const pid = pod[1]!.split('/')[2];
    await inside(
      node,
      `ip link add v-${name} type veth peer name eth0 netns ${pid}; ip link set v-${name} master br0 up`,
    );
    await inside(
      pod,
      `ip link set lo up; ip link set eth0 up; ip address add ${ip}/24 dev eth0; ip route add default via ${nodeIp}`,
    );
    const listening = spawn(pod[0]!, [pod[1]!, process.execPath, '-e', server], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => listening.kill());
    await once(listening.stdout, 'data');
    podNamespaces[name] = pod;
  }
  return new TestNode(node, podNamespaces as Record<keyof typeof ips, string[]>);
}

const selectsWeb = { podSelector: { matchLabels: { app: 'web' } } };

test('packets of a node – policies made, changed, deleted – pass exactly as the policies say', {
  skip,
}, async (t) => {
  const node = await startNode(t);
  const web = (from: keyof typeof ips | 'node', port = 80) => node.reaches(from, ips.web, port);
  assert.deepEqual([await web('client'), await web('node')], [true, true], 'no policy');

  await node.apply({ ...selectsWeb, policyTypes: ['Ingress'] });
  const denied = [
    await web('client'),
    await web('node'),
    await web('web'),
    await node.reaches('web', ips.client),
  ];
  assert.deepEqual(
    denied,
    [false, true, true, true],
    'ingress denied: the node, the pod itself and replies pass',
  );

  const from = [{ podSelector: { matchLabels: { app: 'client' } } }];
  await node.apply({ ...selectsWeb, ingress: [{ from, ports: [{ protocol: 'TCP', port: 80 }] }] });
  const byPort = [await web('client'), await web('client', 81), await web('other')];
  assert.deepEqual(byPort, [true, false, false], 'one peer, one port');

  const to = [{ ipBlock: { cidr: '10.244.0.0/24', except: [`${ips.other}/32`] } }];
  await node.apply({ ...selectsWeb, policyTypes: ['Egress'], egress: [{ to }] });
  const egress = [
    await node.reaches('web', ips.client),
    await node.reaches('web', ips.other),
    await web('other'),
  ];
  assert.deepEqual(egress, [true, false, true], 'egress to a block with an exception; ingress is free');

  const counted = [...(await node.policies.metrics())[0]!.readings()].map(([{ direction }, count]) => [
    direction,
    Number(count) > 0,
  ]);
  assert.deepEqual(counted, [
    ['ingress', true],
    ['egress', true],
  ]);

  node.informers.remove(networkPolicies, policyOf('p', selectsWeb));
  await node.policies.synced();
  assert.deepEqual([await web('client'), await node.reaches('web', ips.other)], [true, true], 'deleted');
  node.policies.stop();
});

test('the kernel – every change in any order – is accepted, and ends with the table of a fresh start', {
  skip,
}, async (t) => {
  const [changed, fresh] = [await newNamespace(t), await newNamespace(t)];
  const changes = new RandomPolicyChanges(11);
  const model = new PolicyModel('n1', { name: table, bridge: 'br0' });
  await inside(changed, 'nft -f -', model.table.takeWhole());
  for (let step = 0; step < 120; step++) {
    changes.next()(model);
    changes.next()(model);
    model.settle();
    await inside(changed, 'nft -f -', model.table.takeChange());
  }
  await inside(fresh, 'nft -f -', model.table.takeWhole());
  const list = async (where: string[]) => {
    const text = await inside(where, `nft list table inet ${table}`);
    return text.split(/[\s,]+/).sort();
  };
  assert.deepEqual(await list(changed), await list(fresh));
});

test('an open connection – that a change denies – is cut, and goes on when it is allowed again', {
  skip,
}, async (t) => {
  const node = await startNode(t);
  const talk = node.talk('client', ips.web, 80);
  t.after(() => talk.end());
  assert.equal(await talk.echoes(), true, 'no policy');
  await node.apply({ ...selectsWeb, policyTypes: ['Ingress'] });
  assert.equal(await talk.echoes(), false, 'denied');
  await node.apply({ ...selectsWeb, ingress: [{}] });
  assert.equal(await talk.echoes(5000), true, 'allowed again');
  node.policies.stop();
});

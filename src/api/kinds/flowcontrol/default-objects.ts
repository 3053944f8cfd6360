/**
 * The FlowSchemas and priority levels that every API server has: the mandatory ones, without which requests could not
 * be classified, and those that upstream suggests.
 */

import type {
  FlowSchema,
  LimitedPriorityLevelConfiguration,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  FlowcontrolV1Subject as Subject,
} from '../../generated/types.gen.ts';
import { groupAuthenticated, groupMasters, groupUnauthenticated } from '../../meta/user.ts';

export const autoUpdateSpec = 'apf.kubernetes.io/autoupdate-spec';

const metadata = (name: string) => ({ name, annotations: { [autoUpdateSpec]: 'true' } });

const queued = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queues: number,
  handSize = 6,
): PriorityLevelConfiguration =>
  limitedLevel(name, {
    nominalConcurrencyShares,
    lendablePercent,
    limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
  });

function limitedLevel(name: string, limited: LimitedPriorityLevelConfiguration): PriorityLevelConfiguration {
  return {
    ...apiHead('PriorityLevelConfiguration'),
    metadata: metadata(name),
    spec: { type: 'Limited', limited },
  };
}

function apiHead(kind: string) {
  return { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind };
}

export const exemptLevel: PriorityLevelConfiguration = {
  ...apiHead('PriorityLevelConfiguration'),
  metadata: metadata('exempt'),
  spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
};

export const catchAllLevel = limitedLevel('catch-all', {
  nominalConcurrencyShares: 5,
  lendablePercent: 0,
  limitResponse: { type: 'Reject' },
});

export const mandatoryLevels = [catchAllLevel, exemptLevel] as const;

export const suggestedLevels: readonly PriorityLevelConfiguration[] = [
  queued('system', 30, 33, 64),
  queued('node-high', 40, 25, 64),
  queued('leader-election', 10, 0, 16, 4),
  queued('workload-high', 40, 50, 128),
  queued('workload-low', 100, 90, 128),
  queued('global-default', 20, 50, 128),
];

const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const systemAccounts: Subject = {
  kind: 'ServiceAccount',
  serviceAccount: { name: '*', namespace: 'kube-system' },
};
const everyone = groups(groupUnauthenticated, groupAuthenticated);

function on(verbs: string[], apiGroup: string, resources: string[], clusterScope?: true): ResourcePolicyRule {
  return {
    verbs,
    apiGroups: [apiGroup],
    resources,
    ...(clusterScope ? { clusterScope } : {}),
    namespaces: ['*'],
  };
}

const everything = (subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [on(['*'], '*', ['*'], true)],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

type Distinguisher = 'ByUser' | 'ByNamespace' | undefined;

function flowSchema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: Distinguisher,
  rule: PolicyRulesWithSubjects,
): FlowSchema {
  return {
    ...apiHead('FlowSchema'),
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(distinguisher ? { distinguisherMethod: { type: distinguisher } } : {}),
      rules: [rule],
    },
  };
}

export const exemptSchema = flowSchema('exempt', 'exempt', 1, undefined, everything(groups(groupMasters)));

export const catchAllSchema = flowSchema('catch-all', 'catch-all', 10_000, 'ByUser', everything(everyone));

export const mandatorySchemas = [exemptSchema, catchAllSchema] as const;

const manager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');
const nodes = groups('system:nodes');
const leases = 'coordination.k8s.io';

export const suggestedSchemas: readonly FlowSchema[] = [
  flowSchema('system-nodes', 'system', 500, 'ByUser', everything(nodes)),
  flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: nodes,
    resourceRules: [on(['*'], '', ['nodes', 'nodes/status'], true), on(['*'], leases, ['leases'])],
  }),
  flowSchema('probes', 'exempt', 2, undefined, {
    subjects: everyone,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [manager, scheduler, systemAccounts],
    resourceRules: [on(['get', 'create', 'update'], leases, ['leases'])],
  }),
  flowSchema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everything([manager])),
  flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everything([scheduler])),
  flowSchema(
    'kube-system-service-accounts',
    'workload-high',
    900,
    'ByNamespace',
    everything([systemAccounts]),
  ),
  flowSchema(
    'service-accounts',
    'workload-low',
    9000,
    'ByUser',
    everything(groups('system:serviceaccounts')),
  ),
  flowSchema('global-default', 'global-default', 9900, 'ByUser', everything(everyone)),
];

/** The columns of Node. */

import type { Node } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none, orNone } from '../../kind/cells.ts';
import { ageColumn, column, nameColumn, type Printer, wideColumn } from '../../kind/printer.ts';
import { nodeCondition } from '../../nodes/state.ts';

export const nodePrinter: Printer<Node> = {
  columns: [
    nameColumn,
    column('Status'),
    column('Roles'),
    ageColumn,
    column('Version'),
    wideColumn('Internal-IP'),
    wideColumn('External-IP'),
    wideColumn('OS-Image'),
    wideColumn('Kernel-Version'),
    wideColumn('Container-Runtime'),
  ],
  cells: (node, now) => {
    const info = node.status?.nodeInfo;
    return [
      nameOf(node),
      status(node),
      orNone(roles(node).join(',')),
      ageOf(node, now),
      info?.kubeletVersion ?? '',
      address(node, 'InternalIP'),
      address(node, 'ExternalIP'),
      info?.osImage || '<unknown>',
      kernel(node),
      info?.containerRuntimeVersion || '<unknown>',
    ];
  },
};

/** With the machine's architecture since 1.36: `6.12.76 (arm64)`. */
function kernel(node: Node): string {
  const { kernelVersion, architecture } = node.status?.nodeInfo ?? {};
  if (!kernelVersion) return '<unknown>';
  return architecture ? `${kernelVersion} (${architecture})` : kernelVersion;
}

function status(node: Node): string {
  const ready = nodeCondition(node, 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

const rolePrefix = 'node-role.kubernetes.io/';

function roles(node: Node): string[] {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) found.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value) found.add(value);
  }
  return [...found].sort();
}

function address(node: Node, type: string): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? none;
}

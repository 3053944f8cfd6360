import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, VolumeAttachment } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { uniqueName } from '#api/volumes/csi-names.ts';
import type { Action } from '#client/controllers/plan.ts';
import { storedMetadata, storedNode, storedPod } from '#testing/objects.ts';
import { AttachNotes } from './notes.ts';
import { decideVolume } from './volume.ts';

const name = uniqueName({ driverName: 'd', volumeHandle: 'h' });

interface Traits {
  /** The nodes that pods want it on. */
  readonly wanted?: readonly string[];
  /** The nodes that have an attachment. */
  readonly held?: readonly string[];
  readonly inUse?: readonly string[];
  readonly listed?: readonly string[];
  readonly accessModes?: string[];
  readonly isCurrent?: boolean;
  /** The nodes that pods want the same disk on by its other name, and those that have it by that. */
  readonly sameDiskWanted?: readonly string[];
  readonly sameDiskHeld?: readonly string[];
}

function attachmentTo(nodeName: string): Stored<VolumeAttachment> {
  const source = { persistentVolumeName: 'pv' };
  const metadata = storedMetadata(`to-${nodeName}`);
  return { metadata, spec: { attacher: 'd', nodeName, source }, status: { attached: true } };
}

function nodeOf(node: string, { inUse = [], listed = [] }: Traits): [string, Stored<Node>] {
  const stored = storedNode(node);
  const volumesInUse = inUse.includes(node) ? [name] : [];
  const volumesAttached = listed.includes(node) ? [{ name, devicePath: '' }] : [];
  return [node, { ...stored, status: { ...stored.status, volumesInUse, volumesAttached } }];
}

/** The plan, an action a word: `create n1`, `delete n1`, `detach n1`, `wake n1`, `event`. */
function planned(traits: Traits): string[] {
  const { wanted = [], held = [], accessModes = ['ReadWriteOnce'], isCurrent = true } = traits;
  const { sameDiskWanted = [], sameDiskHeld = [] } = traits;
  const pods = (node: string): Stored<Pod>[] => [storedPod(`on-${node}`, { node })];
  const { actions } = decideVolume({
    volume: { metadata: { name: 'pv' }, spec: { csi: { driver: 'd', volumeHandle: 'h' }, accessModes } },
    source: { persistentVolumeName: 'pv' },
    wanted: new Map(wanted.map((node) => [node, pods(node)])),
    attachments: held.map(attachmentTo),
    sameDisk: {
      wanted: new Map(sameDiskWanted.map((node) => [node, pods(node)])),
      holders: new Set(sameDiskHeld),
    },
    nodes: new Map(['n1', 'n2'].map((node) => nodeOf(node, traits))),
    notes: new AttachNotes({ forcedDetach: () => undefined }),
    nowMs: 0,
    isCurrent,
  });
  return actions.map(wordOf);
}

function wordOf(action: Action): string {
  switch (action.do) {
    case 'together':
      return wordOf(action.actions[0]!);
    case 'create':
      return `create ${(action.object as VolumeAttachment).spec.nodeName}`;
    case 'special':
      return `detach ${(action.data as { nodeName: string }).nodeName}`;
    case 'wake':
      return `wake ${action.keys.join()}`;
    default:
      return action.do;
  }
}

const rows: [title: string, traits: Traits, plan: string[]][] = [
  ['wanted on a node', { wanted: ['n1'] }, ['create n1']],
  ['wanted where it is', { wanted: ['n1'], held: ['n1'], listed: ['n1'] }, []],
  ['wanted, the view is not current', { wanted: ['n1'], isCurrent: false }, []],
  ['wanted on a second node', { wanted: ['n1', 'n2'], held: ['n1'] }, ['event']],
  [
    'of many nodes, wanted on a second node',
    { wanted: ['n1', 'n2'], held: ['n1'], accessModes: ['ReadWriteMany'] },
    ['create n2'],
  ],
  ['wanted on two nodes at once', { wanted: ['n1', 'n2'] }, ['create n1', 'event']],
  ['wanted no more, in use', { held: ['n1'], inUse: ['n1'], listed: ['n1'] }, []],
  ['wanted no more, unmounted, listed', { held: ['n1'], listed: ['n1'] }, ['wake node/n1']],
  ['wanted no more, unmounted, not listed', { held: ['n1'] }, ['detach n1']],
  ['wanted no more, not listed, the view is not current', { held: ['n1'], isCurrent: false }, []],
  ['wanted where the same disk is by another name', { wanted: ['n1'], sameDiskHeld: ['n1'] }, []],
  ['wanted on a second node by another name', { wanted: ['n2'], sameDiskHeld: ['n1'] }, ['event']],
  ['wanted no more, but by another name', { held: ['n1'], sameDiskWanted: ['n1'] }, []],
  [
    'of many nodes, wanted on a second node by another name',
    { wanted: ['n2'], sameDiskHeld: ['n1'], accessModes: ['ReadWriteMany'] },
    ['create n2'],
  ],
  ['moved from a node', { wanted: ['n2'], held: ['n1'] }, ['detach n1', 'event']],
];
for (const [title, traits, plan] of rows) {
  test(`a volume – ${title} – ${plan.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(planned(traits), plan);
  });
}

/**
 * `kubelet_internal_checkpoint`: the devices of containers and the registered ones, in upstream's format, with its
 * checksum. Upstream: pkg/kubelet/cm/devicemanager/checkpoint.
 *
 *   {"Data":{"PodDeviceEntries":[{"PodUID":"…","ContainerName":"main","ResourceName":"example.com/thing",
 *   "DeviceIDs":{"-1":["dev1"]},"AllocResp":"<bytes of the plugin's answer>"}],
 *   "RegisteredDevices":{"example.com/thing":["dev1"]}},"Checksum":642252492}
 */

import { fnv1a } from '#base/text/fnv1a.ts';
import { ServiceTypes } from '../../../grpc/service-types.ts';
import type { AllocationEntry } from '../allocations.ts';
import type { AllocateAnswer } from '../device.ts';
import description from '../deviceplugin.gen.json' with { type: 'json' };

const answerType = new ServiceTypes(description).message('ContainerAllocateResponse');

export interface Checkpoint {
  readonly allocations: readonly AllocationEntry[];
  /** The ids of healthy devices by resource. */
  readonly registered: ReadonlyMap<string, readonly string[]>;
}

interface Entry {
  readonly PodUID: string;
  readonly ContainerName: string;
  readonly ResourceName: string;
  readonly DeviceIDs: Readonly<Record<string, readonly string[]>>;
  readonly AllocResp: string;
}

interface Data {
  readonly PodDeviceEntries: readonly Entry[] | null;
  readonly RegisteredDevices: Readonly<Record<string, readonly string[]>>;
}

export function checkpointText({ allocations, registered }: Checkpoint): string {
  const entries = allocations.map(({ podUid, container, resource, allocation }) => ({
    PodUID: podUid,
    ContainerName: container,
    ResourceName: resource,
    DeviceIDs: Object.fromEntries(allocation.byNode),
    AllocResp: answerType.encode({ ...allocation.answer }).toString('base64'),
  }));
  const data: Data = { PodDeviceEntries: entries, RegisteredDevices: Object.fromEntries(registered) };
  return JSON.stringify({ Data: data, Checksum: checksum(data) });
}

/** Throws, with upstream's words, when the text is changed, or no checkpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const { Data: data, Checksum: sum } = JSON.parse(text) as { Data: Data; Checksum: number };
  if (!isData(data) || checksum(data) !== sum) throw new Error('checkpoint is corrupted');
  return {
    allocations: (data.PodDeviceEntries ?? []).map((entry) => ({
      podUid: entry.PodUID,
      container: entry.ContainerName,
      resource: entry.ResourceName,
      allocation: {
        byNode: new Map(Object.entries(entry.DeviceIDs).map(([node, ids]) => [Number(node), ids])),
        answer: answerType.decode(Buffer.from(entry.AllocResp, 'base64')) as unknown as AllocateAnswer,
      },
    })),
    registered: new Map(Object.entries(data.RegisteredDevices)),
  };
}

function isData(data: Data | undefined): data is Data {
  const { PodDeviceEntries: entries, RegisteredDevices: registered } = data ?? {};
  return (
    (entries === null || Array.isArray(entries)) &&
    (entries ?? []).every((entry) => typeof entry?.AllocResp === 'string' && isLists(entry.DeviceIDs)) &&
    isLists(registered)
  );
}

function isLists(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((list) => Array.isArray(list))
  );
}

/** Of Go's description of upstream's structure, with its types: what upstream's kubelet writes. */
function checksum({ PodDeviceEntries: entries, RegisteredDevices: registered }: Data): number {
  const described = entries?.map(describedEntry).join(' ');
  return fnv1a(
    '(checkpoint.checkpointData){' +
      `PodDeviceEntries:([]checkpoint.PodDevicesEntry)${described === undefined ? '<nil>' : `[${described}]`} ` +
      `RegisteredDevices:(map[string][]string)${describedLists(registered, byText)}}`,
  );
}

function describedEntry(entry: Entry): string {
  const bytes = [...Buffer.from(entry.AllocResp, 'base64')].join(' ');
  return (
    `{PodUID:(string)${entry.PodUID} ContainerName:(string)${entry.ContainerName} ` +
    `ResourceName:(string)${entry.ResourceName} ` +
    `DeviceIDs:(checkpoint.DevicesPerNUMA)${describedLists(entry.DeviceIDs, byNumber)} AllocResp:([]uint8)[${bytes}]}`
  );
}

function describedLists(lists: Data['RegisteredDevices'], order: (a: string, b: string) => number): string {
  const keys = Object.keys(lists).sort(order);
  return `map[${keys.map((key) => `${key}:[${lists[key]!.join(' ')}]`).join(' ')}]`;
}

const byText = (a: string, b: string) => (a < b ? -1 : 1);
const byNumber = (a: string, b: string) => Number(a) - Number(b);

/**
 * `dra_manager_state`: the claims that are prepared on this node, in upstream's format. Upstream:
 * pkg/kubelet/cm/dra/state.
 */

import { crc32 } from 'node:zlib';
import { goStructJson } from '#base/text/go-json.ts';
import { isJsonObject } from '#wire/json/value.ts';
import type { PreparedClaim, PreparedDevice } from './prepared-claim.ts';

const typeMeta = { kind: 'DRACheckpoint', apiVersion: 'checkpoint.dra.kubelet.k8s.io/v1' };

interface StoredDevice {
  readonly PoolName: string;
  readonly DeviceName: string;
  readonly ShareID: string | null;
  readonly RequestNames: readonly string[] | null;
  readonly CDIDeviceIDs: readonly string[] | null;
}

interface StoredClaim {
  readonly ClaimUID: string;
  readonly ClaimName: string;
  readonly Namespace: string;
  readonly PodUIDs: Readonly<Record<string, object>> | null;
  readonly DriverState: Readonly<Record<string, { readonly Devices: readonly StoredDevice[] | null }>> | null;
}

export function checkpointText(claims: Iterable<PreparedClaim>): string {
  const list = Array.from(claims, storedClaim);
  const data = goStructJson({ ...typeMeta, ClaimInfoStateList: list });
  return goStructJson({ Data: data, Checksum: crc32(data) });
}

/** Throws, with upstream's words, when the text is cut off or was changed. Nothing in it counts as prepared. */
export function parseCheckpoint(text: string): PreparedClaim[] {
  const checkpoint: unknown = JSON.parse(text);
  const { Data: data, Checksum: sum } = isJsonObject(checkpoint) ? checkpoint : {};
  if (typeof data !== 'string' || crc32(data) !== sum) throw new Error('checkpoint is corrupted');
  const { ClaimInfoStateList: list } = JSON.parse(data) as { ClaimInfoStateList?: StoredClaim[] | null };
  return (list ?? []).map(claimOf);
}

function storedClaim({ uid, name, namespace, podUids, devices }: PreparedClaim): StoredClaim {
  return {
    ClaimUID: uid,
    ClaimName: name,
    Namespace: namespace,
    PodUIDs: Object.fromEntries([...podUids].sort().map((podUid) => [podUid, {}])),
    DriverState: Object.fromEntries(
      [...devices].sort(byKey).map(([driver, list]) => [driver, { Devices: orNull(list.map(storedDevice)) }]),
    ),
  };
}

function storedDevice(device: PreparedDevice): StoredDevice {
  return {
    PoolName: device.poolName,
    DeviceName: device.deviceName,
    ShareID: device.shareId ?? null,
    RequestNames: orNull(device.requestNames),
    CDIDeviceIDs: orNull(device.cdiDeviceIds),
  };
}

/** As Go writes a slice that nothing was put into. */
function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length > 0 ? list : null;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function claimOf(stored: StoredClaim): PreparedClaim {
  const drivers = Object.entries(stored.DriverState ?? {});
  return {
    uid: stored.ClaimUID,
    name: stored.ClaimName,
    namespace: stored.Namespace,
    podUids: new Set(Object.keys(stored.PodUIDs ?? {})),
    devices: new Map(drivers.map(([driver, { Devices }]) => [driver, (Devices ?? []).map(deviceOf)])),
    isPrepared: false,
  };
}

function deviceOf(stored: StoredDevice): PreparedDevice {
  return {
    poolName: stored.PoolName,
    deviceName: stored.DeviceName,
    ...(stored.ShareID === null || stored.ShareID === undefined ? {} : { shareId: stored.ShareID }),
    requestNames: stored.RequestNames ?? [],
    cdiDeviceIds: stored.CDIDeviceIDs ?? [],
  };
}

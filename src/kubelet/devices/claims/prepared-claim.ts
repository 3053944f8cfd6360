/** A ResourceClaim that the drivers of this node prepare, or have prepared, for pods. */

/** What a driver made ready for a claim. */
export interface PreparedDevice {
  readonly poolName: string;
  readonly deviceName: string;
  /** Of a device that several claims share. */
  readonly shareId?: string;
  /** The requests of the claim that it is for; empty for all. */
  readonly requestNames: readonly string[];
  /** `vendor.example.com/class=name`. */
  readonly cdiDeviceIds: readonly string[];
}

export interface PreparedClaim {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The pods that it is prepared for. */
  readonly podUids: ReadonlySet<string>;
  /** By driver: all that have devices in the allocation, also those that prepared none. */
  readonly devices: ReadonlyMap<string, readonly PreparedDevice[]>;
  /** By this kubelet. One that an earlier kubelet prepared is prepared again for the next pod, as upstream. */
  readonly isPrepared: boolean;
}

/** Names of CDI devices, for one request of the claim, or for all when it is empty. */
export function cdiNames({ devices }: PreparedClaim, request: string): string[] {
  const all = [...devices.values()].flat();
  return all.filter((device) => isFor(device, request)).flatMap(({ cdiDeviceIds }) => cdiDeviceIds);
}

export function isFor({ requestNames }: PreparedDevice, request: string): boolean {
  return request === '' || requestNames.length === 0 || requestNames.includes(request);
}

/**
 * Specifications of the Container Device Interface as data: which devices of a vendor's class there are, and how a
 * container is changed that gets one. Upstream: tags.cncf.io/container-device-interface, specification 1.0.
 */

export interface CdiDeviceNode {
  /** In the container. */
  readonly path: string;
  /** Default `path`. */
  readonly hostPath?: string;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  /** Of mount(8): `ro`, `rbind`, … */
  readonly options?: readonly string[];
  readonly type?: string;
}

export interface CdiHook {
  /** `createContainer`. */
  readonly hookName: string;
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number;
}

export interface CdiEdits {
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiDeviceNode[];
  readonly mounts?: readonly CdiMount[];
  readonly hooks?: readonly CdiHook[];
  readonly intelRdt?: object;
  readonly additionalGids?: readonly number[];
}

export interface CdiDevice {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containerEdits: CdiEdits;
}

export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor.example.com/class`. */
  readonly kind: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly devices: readonly CdiDevice[];
  /** Made once, whichever of the devices a container gets. */
  readonly containerEdits?: CdiEdits;
}

/** The storage of one node: what is behind its volumes. */

export interface StorageRequest {
  /** That of the PersistentVolume: unique, and a file name. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Writing more than the size fails, as on a full disk. */
  readonly isEnforced: boolean;
}

export interface NodeStorage {
  /**
   * Makes the storage of a volume; harmless when it is there. Returns the path that pods of the node mount.
   * Throws what keeps it from being made.
   */
  provision(request: StorageRequest): Promise<string>;
  /** Removes the storage of a volume with all that is in it; harmless when there is none. */
  remove(name: string): Promise<void>;
  /** Makes the storage of a volume at least as large; harmless when it is. Throws why it cannot be now. */
  expand(name: string, sizeBytes: number): Promise<void>;
  /** Makes all volumes ready after a start of the machine. Throws nothing: one that fails is not mounted. */
  restore(): Promise<void>;
}

/** Of a simulated node: its volumes bind and are deleted, and nothing is stored. */
export function simulatedStorage(): NodeStorage {
  return {
    provision: async ({ name }) => `/var/lib/kybern/storage/${name}`,
    remove: async () => undefined,
    expand: async () => undefined,
    restore: async () => undefined,
  };
}

/** What a pull needs of the machine's own `registries.yaml`. */

import type { Registries } from '#api/configuration/registries/registries.ts';

export interface NodeRegistries {
  /** What the file says at this moment; containerd goes by the same. */
  current(): Promise<Registries>;
  /** Gives a present image another name. */
  tag(name: string, further: string): Promise<void>;
}

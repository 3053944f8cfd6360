/** A device's name in the whole cluster, as upstream prints it: `driver/pool/device`. */

interface Named {
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
}

export function deviceId({ driver, pool, device }: Named): string {
  return `${driver}/${pool}/${device}`;
}

/** Renews the serving certificate in time: a server that runs for years does not end with its certificate. */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Pki } from '#pki/pki.ts';

const renewalCheckMs = 12 * 3600 * 1000;

/** `use` is called with each new certificate. Returns how to stop. */
export function renewServingCertificate(
  { clock, log }: Env,
  pki: Pick<Pki, 'server' | 'renewedServer'>,
  use: (certificate: { readonly cert: string; readonly key: string }) => void,
): () => void {
  let current = pki.server.certPem;
  const checks = new Repeater(clock, renewalCheckMs, () => {
    try {
      const { certPem, keyPem } = pki.renewedServer();
      if (certPem !== current) use({ cert: certPem, key: keyPem });
      current = certPem;
    } catch (error) {
      // There are months left to try again in: a full disk today must not end the server.
      log.error('the serving certificate could not be renewed', { error: String(error) });
    }
  });
  checks.start();
  return () => checks.stop();
}

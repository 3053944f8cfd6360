/** The client over each of its transports. */

import { createClient } from '#client/rest/client.ts';
import { clientSuite } from '#testing/client-suite.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { httpsTransport } from './transport/https.ts';

clientSuite('client in the process', async () => {
  const { env, client, stop } = await startTestServer();
  return { env, client, close: stop };
});

clientSuite('client over HTTPS', async () => {
  const { env, url, pki, stop } = await startTestServer({ https: true });
  const { certPem, keyPem } = pki.admin();
  const transport = httpsTransport({ server: url, ca: pki.ca.certPem, cert: certPem, key: keyPem });
  const close = async () => {
    await transport.close();
    await stop();
  };
  return { env, client: createClient(transport), close };
});

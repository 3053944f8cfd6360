/** Whether a user may act for a signer: by its full name, or for all names of its domain. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Authorizer } from '../../contract/authorization.ts';

export async function mayActForSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: string,
  signerName: string,
): Promise<boolean> {
  const domain = signerName.split('/')[0];
  for (const name of [signerName, `${domain}/*`]) {
    const answer = await authorizer.authorize({
      user,
      verb,
      isResource: true,
      path: '',
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    });
    if (answer.decision === 'allow') return true;
  }
  return false;
}

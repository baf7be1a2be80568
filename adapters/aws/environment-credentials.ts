// Credentials as functions have them: Lambda puts those of the role into the environment. In bundles this stands for
// `@aws-sdk/credential-provider-node` (lib/function/bundle.ts), whose profiles, web identities and metadata services a
// function never asks and each cold start would load. Programs that are not bundled, such as the operator's, have the
// whole chain.

import { fromEnv } from '@aws-sdk/credential-provider-env';

export const defaultProvider = (options?: Parameters<typeof fromEnv>[0]) => async () => {
  try {
    return await fromEnv(options)();
  } catch (error) {
    // It stays the error of the SDK: transient-errors.ts knows it by its name.
    if (error instanceof Error)
      error.message =
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: a function reads no other credentials.';
    throw error;
  }
};

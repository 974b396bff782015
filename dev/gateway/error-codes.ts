import type { GatewayPlugin } from '@graphql-hive/gateway-runtime';
import { GraphQLError, type ExecutionResult } from 'graphql';

const UNSUPPORTED_MEDIA_TYPE = 415;

/** Gives codes to the errors that the gateway's runtime makes without one: of variables, and of content types. */
export const errorCodes: GatewayPlugin = {
  onExecute: () => ({
    onExecuteDone: ({ result, setResult }) => {
      if (isResult(result)) setResult(withCodes(result));
    },
  }),
  onSubscribe: () => ({
    onSubscribeResult: ({ result, setResult }) => {
      if (isResult(result)) setResult(withCodes(result));
    },
  }),
  onResponse: ({ response, setResponse, fetchAPI }) => {
    if (response.status !== UNSUPPORTED_MEDIA_TYPE || response.body) return;
    const errors = [{ message: 'Send JSON: content-type application/json.', extensions: { code: 'BAD_REQUEST' } }];
    setResponse(fetchAPI.Response.json({ errors }, { status: UNSUPPORTED_MEDIA_TYPE, headers: response.headers }));
  },
};

const isResult = (value: object): value is ExecutionResult => !(Symbol.asyncIterator in value);

/** An error without a path comes before execution: a variable does not fit its type. */
function withCodes(result: ExecutionResult): ExecutionResult {
  if (!result.errors?.some(isUncoded)) return result;
  return { ...result, errors: result.errors.map((error) => (isUncoded(error) ? badInput(error) : error)) };
}

const isUncoded = ({ path, extensions }: GraphQLError): boolean => !path && extensions?.['code'] === undefined;

/** The status stays what it was without a code. */
function badInput({ message, nodes, source, positions }: GraphQLError): GraphQLError {
  return new GraphQLError(message, {
    nodes,
    source,
    positions,
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

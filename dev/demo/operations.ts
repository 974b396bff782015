/** The operations of a purchase, as a front end would write them. */
export const COURSES = /* GraphQL */ `
  query Courses {
    courses(first: 100) {
      id
      title
      status
      price
      discountPrice
      currency
      viewerHasPurchased
    }
  }
`;

export const PLACE_ORDER = /* GraphQL */ `
  mutation PlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      __typename
      ... on PlaceOrderSuccess {
        replayed
        order {
          id
          number
          status
          version
          total {
            amount
            currency
          }
        }
      }
      ... on OpenOrderExists {
        orders {
          id
          number
          status
          version
          total {
            amount
            currency
          }
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

export const START_PAYMENT = /* GraphQL */ `
  mutation StartPayment($input: StartPaymentInput!) {
    startPayment(input: $input) {
      __typename
      ... on StartPaymentSuccess {
        replayed
        payment {
          id
          status
        }
        session {
          ... on StripeSession {
            sessionId
            url
          }
        }
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

export const ORDER_STATUS_CHANGED = /* GraphQL */ `
  subscription OrderStatusChanged($orderId: ID!, $afterVersion: Int) {
    orderStatusChanged(orderId: $orderId, afterVersion: $afterVersion) {
      version
      type
      from
      to
      fulfilment
      snapshot
      ends
    }
  }
`;

export const OWNERSHIP = /* GraphQL */ `
  query Ownership($courseId: ID!) {
    me {
      name
      hasPurchased(courseId: $courseId)
      orders(first: 1) {
        nodes {
          number
          status
          fulfilment
          timeline {
            version
            type
            actor
          }
        }
      }
    }
    course(id: $courseId) {
      title
      viewerHasPurchased
    }
  }
`;

/** The operations of bookings, as a front end would write them. */
export const SESSIONS = /* GraphQL */ `
  query Sessions {
    upcomingSessions {
      id
      title
      capacity
      price {
        amount
        currency
        decimalPlaces
      }
    }
  }
`;

export const SESSION = /* GraphQL */ `
  query Session($id: ID!) {
    session(id: $id) {
      remaining
      waitlistLength
      viewerBooking {
        id
        status
        holdExpiresAt
        order {
          id
          status
        }
      }
    }
  }
`;

export const BOOK_SESSION = /* GraphQL */ `
  mutation BookSession($input: BookSessionInput!) {
    bookSession(input: $input) {
      __typename
      ... on BookSessionSuccess {
        booking {
          id
          status
          holdExpiresAt
          order {
            id
            status
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

export const CANCEL_SESSION_BOOKING = /* GraphQL */ `
  mutation CancelSessionBooking($input: CancelSessionBookingInput!) {
    cancelSessionBooking(input: $input) {
      __typename
      ... on CancelSessionBookingSuccess {
        booking {
          status
          order {
            refunds {
              status
              amount {
                amount
                currency
                decimalPlaces
              }
            }
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

export const JOIN_SESSION_WAITLIST = /* GraphQL */ `
  mutation JoinSessionWaitlist($input: JoinSessionWaitlistInput!) {
    joinSessionWaitlist(input: $input) {
      __typename
      ... on JoinSessionWaitlistSuccess {
        position
      }
      ... on UserError {
        code
        message
      }
    }
  }
`;

export const LEAVE_SESSION_WAITLIST = /* GraphQL */ `
  mutation LeaveSessionWaitlist($input: LeaveSessionWaitlistInput!) {
    leaveSessionWaitlist(input: $input) {
      __typename
    }
  }
`;

export const SESSION_BOOKING_STATUS_CHANGED = /* GraphQL */ `
  subscription SessionBookingStatusChanged($bookingId: ID!) {
    sessionBookingStatusChanged(bookingId: $bookingId, afterVersion: 0) {
      version
      to
      ends
    }
  }
`;

export const exampleHeaders = JSON.stringify(
  { Authorization: "Bearer ", "Purser-Organization": "acme" },
  null,
  2,
);

export const exampleQuery = `# The plans page of "acme",
# as a billing manager sees it.
#
# It takes an API key. The demo's:
#
#   python -m purser demo --json
#
# Put the apiKey of billing@acme.test
# behind "Bearer " in the headers;
# the docs then show what it may see.
# Ctrl-Enter runs the query.

query PlansPage {
  organization(slug: "acme") {
    name
    viewerRoles
    subscription {
      status
      seats {
        purchased
        used
      }
      plan {
        name
        prices {
          interval
          unitAmount {
            amount
            currency
          }
        }
        features {
          key
          limit
        }
      }
    }
    usage {
      metrics {
        key
        used
        limit
      }
    }
    paymentMethods {
      brand
      last4
      isDefault
    }
    payments(first: 20) {
      nodes {
        amount {
          amount
          currency
        }
        status
        createdAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    invoices(first: 20) {
      nodes {
        number
        status
        total {
          amount
          currency
        }
        lines {
          description
          quantity
          amount {
            amount
          }
        }
      }
    }
    billingManagers {
      nodes {
        name
        email
      }
    }
    billingInvitations {
      nodes {
        email
        status
        expiresAt
      }
    }
  }
}
`;

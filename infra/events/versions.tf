# Region, keys and address are found where AWS's own tools find them: AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL and so on.

terraform {
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
  }
}
